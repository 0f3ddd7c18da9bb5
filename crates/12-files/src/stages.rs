//! Reading, working and writing overlap as three tasks; the caller commits only if all succeed.
//!
//! asyncio: a task for each stage and an `asyncio.Queue` between two stages. Tokio: a task for each
//! stage and a bounded channel between two, so a slow stage makes the stages before it wait, and
//! the file is never in memory as a whole. The kit's `Group` is the `TaskGroup` around them. A
//! closed channel means that the stage before it has ended, not that it succeeded: the output is
//! complete only if every stage returns `Ok`.

use std::time::Duration;

use anyhow::Result;
use async_kit::{Group, Lane, Millis, ask, knob, say};
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt},
    sync::mpsc,
    time::{Instant, sleep},
};

const TEXT: &str = "one\ntwo\nthree\nfour\nfive\n";

/// How long each stage needs for a line.
#[derive(Clone, Copy)]
struct Pace {
    reading: Duration,
    working: Duration,
    writing: Duration,
}

/// The worker is the slowest stage, so it sets the pace of the others.
pub(crate) async fn run() -> Result<()> {
    let capacity = knob("capacity", 1, 1..=10_usize);
    let reading = knob("reading", 20.ms(), 1.ms()..=100.ms());
    let working = knob("working", 50.ms(), 1.ms()..=100.ms());
    let writing = knob("writing", 25.ms(), 1.ms()..=100.ms());
    ask("working=5ms", "how long do the five lines take?");
    let start = Instant::now();
    let pace = Pace { reading, working, writing };
    let output = process(TEXT.as_bytes(), Vec::new(), capacity, pace).await?;
    let lines = output.iter().filter(|byte| **byte == b'\n').count();
    say!("{lines} lines in {} ms", start.elapsed().as_millis());
    Ok(())
}

// ANCHOR: stages
/// Returns the output only when it is complete, so that the caller can commit it.
async fn process<R, W>(input: R, output: W, capacity: usize, pace: Pace) -> Result<W>
where
    R: AsyncBufRead + Unpin + Send + 'static,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let (to_worker, from_reader) = mpsc::channel(capacity);
    let (to_writer, from_worker) = mpsc::channel(capacity);
    let reader = read(input, to_worker, pace.reading).try_lane("reader");
    let worker = work(from_reader, to_writer, pace.working).try_lane("worker");
    let writer = write(from_worker, output, pace.writing).try_lane("writer");
    // With plain `tokio::spawn`, the three tasks would continue after the caller is cancelled.
    Group::run(async move |stages| {
        stages.spawn(reader);
        stages.spawn(worker);
        Ok(stages.spawn(writer).await)
    })
    .await
}

async fn read<R>(input: R, lines: mpsc::Sender<String>, pace: Duration) -> Result<()>
where
    R: AsyncBufRead + Unpin,
{
    let mut input = input.lines();
    while let Some(line) = input.next_line().await? {
        sleep(pace).step("reading").await;
        say!("read {line}");
        lines.send(line).await?;
    }
    Ok(())
}

async fn work(
    mut lines: mpsc::Receiver<String>,
    changed: mpsc::Sender<String>,
    pace: Duration,
) -> Result<()> {
    while let Some(line) = lines.recv().await {
        sleep(pace).step("working").await;
        changed.send(line.to_uppercase()).await?;
    }
    Ok(())
}

async fn write<W>(
    mut lines: mpsc::Receiver<String>,
    mut output: W,
    pace: Duration,
) -> Result<W>
where
    W: AsyncWrite + Unpin,
{
    while let Some(line) = lines.recv().await {
        sleep(pace).step("writing").await;
        output.write_all(format!("{line}\n").as_bytes()).await?;
        say!("wrote {line}");
    }
    output.flush().await?;
    Ok(output)
}
// ANCHOR_END: stages

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use tokio::{
        io::{self, AsyncReadExt, BufReader},
        time::timeout,
    };

    use super::*;

    const PACE: Pace = Pace {
        reading: Duration::ZERO,
        working: Duration::ZERO,
        writing: Duration::ZERO,
    };

    /// ```text
    /// reader  ██░░░██░░░██...       five lines at the pace of the slowest stage, the
    /// worker  ░░█████░█████...      other stages beside it: 20 + 5 x 50 + 25 ms
    /// writer  ░░░░░░░██░░░██...
    /// ```
    #[test]
    fn the_slowest_stage_sets_the_pace_of_all() {
        let seen = virtual_time(Transcript::of(run()));
        assert_eq!(seen.elapsed(), 295.ms(), "{seen}");
        // The reader does not read at 80 and 100 ms, because the channel to the worker is full.
        seen.assert_at(90.ms(), "reader read four");
        seen.assert_at(140.ms(), "reader read five");
        for step in ["reading", "working", "writing"] {
            assert_eq!(seen.peak(step), 1, "{step}: {seen}");
        }
    }

    #[test]
    fn the_lines_come_out_changed_and_in_order() {
        for capacity in [1, 3, 10] {
            let output = process(TEXT.as_bytes(), Vec::new(), capacity, PACE);
            let output = virtual_time(output).expect("all stages succeed");
            assert_eq!(output, TEXT.to_uppercase().as_bytes(), "capacity {capacity}");
        }
    }

    #[test]
    fn an_input_that_fails_gives_no_output_to_commit() {
        let input = TEXT.as_bytes().chain(&b"not \xff text\n"[..]);
        let output = virtual_time(process(BufReader::new(input), Vec::new(), 2, PACE));
        let error = output.expect_err("a line is not text");
        let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
        assert_eq!(kind, Some(io::ErrorKind::InvalidData), "{error:#}");
    }

    #[test]
    fn a_full_disk_stops_the_reader_too_and_is_the_error_that_is_returned() {
        let seen = virtual_time(async {
            // The other end is dropped, so every write fails.
            let (disk, other_end) = io::duplex(4);
            drop(other_end);
            let pace = Pace { reading: 10.ms(), ..PACE };
            let failed = process(TEXT.as_bytes(), disk, 1, pace);
            let (seen, output) = Transcript::with_output(failed).await;
            let error = output.expect_err("the disk is full");
            let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
            assert_eq!(kind, Some(io::ErrorKind::BrokenPipe), "{error:#}");
            seen
        });
        let read = seen.lines().iter().filter(|line| line.text.starts_with("read"));
        assert!(read.count() < 5, "the reader continued: {seen}");
    }

    #[test]
    fn no_stage_outlives_a_caller_that_is_cancelled() {
        let seen = virtual_time(Transcript::of(async {
            let pace = Pace { reading: 10.ms(), ..PACE };
            let slow = process(TEXT.as_bytes(), Vec::new(), 1, pace);
            let cancelled = timeout(25.ms(), slow).await;
            assert!(cancelled.is_err(), "it ended before it was cancelled");
            sleep(100.ms()).await;
        }));
        let read = seen.lines().iter().filter(|line| line.text.contains("read "));
        assert_eq!(read.count(), 2, "{seen}");
    }
}
