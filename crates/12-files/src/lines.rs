//! Memory stays bounded: a line has a length limit, and a slow handler makes the reader wait.
//!
//! asyncio: `for line in file` and `readline()` take a line of any length into memory, unless
//! `readline(size)` gets a size. Tokio: `lines()` and `read_line` do the same; `take` sets the
//! size. Backpressure needs no extra call: when the channel is full, `send` waits, and the reader
//! reads no further.

use std::time::Duration;

use anyhow::Result;
use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{io::AsyncBufRead, sync::mpsc, time::sleep};

use crate::bounded_line::{Line, next_line};

const TEXT: &str = "one\ntwo\na line that has far too many bytes\nthree\nfour\nfive\nsix";

/// The reader needs 10 ms for a line, the handler 30 ms; one line exceeds the limit.
pub(crate) async fn run() -> Result<()> {
    let longest = knob("longest", 10, 1..=100_usize);
    let capacity = knob("capacity", 1, 1..=10_usize);
    let handling = knob("handling", 30.ms(), 1.ms()..=100.ms());
    ask("capacity=2", "how much earlier does the handler end?");
    read_and_handle(longest, capacity, handling).await
}

// ANCHOR: lines
async fn read_and_handle(
    longest: usize,
    capacity: usize,
    handling: Duration,
) -> Result<()> {
    let (lines, queue) = mpsc::channel(capacity);
    let reader = tokio::spawn(read(TEXT.as_bytes(), longest, lines).try_lane("reader"));
    let handler = tokio::spawn(handle(queue, handling).lane("handler"));
    reader.await??;
    handler.await?;
    Ok(())
}

async fn read(
    mut input: impl AsyncBufRead + Unpin,
    longest: usize,
    lines: mpsc::Sender<String>,
) -> Result<()> {
    while let Some(line) = next_line(&mut input, longest).await? {
        sleep(10.ms()).step("reading").await;
        match line {
            Line::Text(bytes) => {
                lines.send(String::from_utf8(bytes)?).await?;
                say!("sent a line");
            }
            Line::TooLong(bytes) => say!("skipped a line of {bytes} bytes"),
        }
    }
    Ok(())
}

async fn handle(mut queue: mpsc::Receiver<String>, handling: Duration) {
    while let Some(line) = queue.recv().await {
        sleep(handling).step("handling").await;
        say!("handled {line}");
    }
}
// ANCHOR_END: lines

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    ///          0   10  20  30  40  50  60  70  80     one line at the handler, one in the
    /// reader   ██1███2███x███3░░░░░░░░░4░░░░░         queue, and one that `send` holds
    /// handler  ░░░████████████████████████████...
    /// ```
    #[test]
    fn a_slow_handler_makes_the_reader_wait() {
        let seen = virtual_time(Transcript::of(read_and_handle(10, 1, 30.ms())));
        for (n, at) in [10, 20, 40, 70, 100, 130].into_iter().enumerate() {
            let sent: Vec<_> = seen
                .lines()
                .iter()
                .filter(|line| line.text.starts_with("sent"))
                .collect();
            assert_eq!(sent[n].at, at.ms(), "line {n}: {seen}");
        }
        seen.assert_at(30.ms(), "reader skipped a line of 34 bytes");
        seen.assert_at(190.ms(), "handler handled six");
    }
}
