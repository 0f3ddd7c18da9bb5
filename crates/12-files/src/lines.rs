//! A line has a limit, and a slow handler makes the reader wait: memory is bounded both ways.
//!
//! asyncio: `for line in file` and `readline()` take a line of any length into memory, unless
//! `readline(size)` is given a size. Tokio: `lines()` and `read_line` do the same; `take` is the
//! size. Backpressure needs no call of its own: who does not read makes nobody read.

use std::time::Duration;

use anyhow::Result;
use async_kit::{Lane, Millis, knob, say};
use tokio::{
    io::{self, AsyncBufRead, AsyncBufReadExt, AsyncReadExt},
    sync::mpsc,
    time::sleep,
};

const TEXT: &str = "one\ntwo\na line that somebody forgot to end\nthree\nfour\nfive\nsix";

/// A reader needs 10 ms for a line, and the handler 30 ms; one line is longer than allowed.
pub(crate) async fn run() -> Result<()> {
    let longest = knob("longest", 10, 1..=100_usize);
    let capacity = knob("capacity", 1, 1..=10_usize);
    let handling = knob("handling", 30.ms(), 1.ms()..=100.ms());
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
                say!("passes a line on");
            }
            Line::TooLong(bytes) => say!("leaves out a line of {bytes} bytes"),
        }
    }
    Ok(())
}

async fn handle(mut queue: mpsc::Receiver<String>, handling: Duration) {
    while let Some(line) = queue.recv().await {
        sleep(handling).step("handling").await;
        say!("has handled {line}");
    }
}
// ANCHOR_END: lines

// ANCHOR: next_line
/// A line without its end, or only the length of one that has more than `longest` bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Text(Vec<u8>),
    TooLong(usize),
}

/// Never holds more than `longest + 1` bytes. Dropped while it waits, it loses the half of a
/// line that it has read, so it is no branch for a `select!` in a loop.
pub(crate) async fn next_line(
    input: &mut (impl AsyncBufRead + Unpin),
    longest: usize,
) -> io::Result<Option<Line>> {
    let mut line = start_of_line(input, longest).await?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.pop_if(|last| *last == b'\n').is_none() && line.len() > longest {
        return Ok(Some(Line::TooLong(line.len() + skip_line(input).await?)));
    }
    Ok(Some(Line::Text(line)))
}

/// One byte more than allowed: the end of the line, or the proof that it is too long.
async fn start_of_line(
    input: &mut (impl AsyncBufRead + Unpin),
    longest: usize,
) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    input.take(longest as u64 + 1).read_until(b'\n', &mut line).await?;
    Ok(line)
}

/// Returns how many bytes there were before the end of the line.
async fn skip_line(input: &mut (impl AsyncBufRead + Unpin)) -> io::Result<usize> {
    let mut skipped = 0;
    loop {
        let bytes = input.fill_buf().await?;
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let (length, used) = match end {
            Some(end) => (end, end + 1),
            None => (bytes.len(), bytes.len()),
        };
        skipped += length;
        input.consume(used);
        // No bytes at all are the end of the file.
        if end.is_some() || used == 0 {
            return Ok(skipped);
        }
    }
}
// ANCHOR_END: next_line

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use tokio::io::BufReader;

    use super::*;

    async fn lines_of(text: &str, longest: usize, buffer: usize) -> Vec<Line> {
        let mut input = BufReader::with_capacity(buffer, text.as_bytes());
        let mut lines = Vec::new();
        while let Some(line) = next_line(&mut input, longest).await.expect("it reads") {
            lines.push(line);
        }
        lines
    }

    #[tokio::test]
    async fn only_what_is_longer_than_the_limit_is_left_out_and_measured() {
        let text = |text: &str| Line::Text(text.into());
        for buffer in [1, 3, 100] {
            let lines = lines_of("1234\n12345\n\n123456789\nlast", 4, buffer).await;
            let wanted = [
                text("1234"),
                Line::TooLong(5),
                text(""),
                Line::TooLong(9),
                text("last"),
            ];
            assert_eq!(lines, wanted, "with a buffer of {buffer}");
        }
        assert_eq!(lines_of("12345", 4, 100).await, [Line::TooLong(5)]);
        assert_eq!(lines_of("", 4, 100).await, []);
    }

    #[tokio::test]
    async fn of_an_endless_line_no_more_is_held_than_the_limit() {
        let mut endless = BufReader::new(tokio::io::repeat(b'x'));
        let line = start_of_line(&mut endless, 10).await.expect("it reads");
        assert_eq!(line, [b'x'; 11]);
        assert!(line.capacity() < 100, "{} bytes are held", line.capacity());
    }

    /// ```text
    ///          0   10  20  30  40  50  60  70  80     one line in use, one in the queue,
    /// reader   ██1███2███x███3░░░░░░░░░4░░░░░         one in the reader's hand
    /// handler  ░░░████████████████████████████...
    /// ```
    #[test]
    fn a_slow_handler_makes_the_reader_wait() {
        let seen = virtual_time(Transcript::of(read_and_handle(10, 1, 30.ms())));
        for (n, at) in [10, 20, 40, 70, 100, 130].into_iter().enumerate() {
            let passed: Vec<_> = seen
                .lines()
                .iter()
                .filter(|line| line.text.starts_with("pass"))
                .collect();
            assert_eq!(passed[n].at, at.ms(), "line {n}: {seen}");
        }
        seen.assert_at(30.ms(), "reader leaves out a line of 34 bytes");
        seen.assert_at(190.ms(), "handler has handled six");
    }
}
