//! With a background thread a slow log blocks no task; lines without room are dropped and counted.
//!
//! asyncio: `QueueHandler` and `QueueListener`, whose queue is unbounded by default. Tokio: `fmt`
//! writes in the task that logs, so a slow terminal or disk blocks the worker thread and every task
//! on it. Here a separate thread writes, behind a bounded channel. The crate `tracing-appender`
//! does the same; this section shows how it works.
#![cfg(not(target_family = "wasm"))]

use std::{
    io::{self, Write},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Instant,
};

use async_kit::{Lane, Millis, say};
use tokio::{
    task::{JoinHandle as Task, spawn_blocking, yield_now},
    time::sleep,
};
use tracing::{info, subscriber::with_default};

use crate::logs;

/// Logs ten lines to a disk that needs 20 ms for each line: first directly, then through a channel,
/// and then through a channel that is too small. Beside each, another task sleeps for 20 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let sleeper = start_sleeper("direct").await;
    let took = log_ten(SlowDisk::default).lane("direct").await;
    say!("writing directly blocked the task for {took}");
    sleeper.await?;
    for capacity in [10, 4] {
        let disk = SlowDisk::default();
        let (writer, log) = background(disk.clone(), capacity);
        let sleeper = start_sleeper(&format!("channel-{capacity}")).await;
        let logging = log_ten(move || writer.clone());
        let took = logging.lane(format!("channel-{capacity}")).await;
        say!("a channel for {capacity} lines blocked the task for {took}");
        let written = spawn_blocking(|| log.finish()).step("writing");
        written.lane(format!("disk-{capacity}")).await??;
        sleeper.await?;
        for line in disk.log().lines() {
            say!("   {}", line.trim());
        }
    }
    Ok(())
}

/// Starts a task that sleeps for 20 ms, if the log does not block its thread.
async fn start_sleeper(beside: &str) -> Task<()> {
    let sleeper = sleep(20.ms()).step("sleeping").lane(format!("beside-{beside}"));
    let sleeper = tokio::spawn(sleeper);
    // Lets the task begin its sleep.
    yield_now().await;
    sleeper
}

async fn log_ten<W: Write + 'static>(
    writer: impl Fn() -> W + Send + Sync + 'static,
) -> String {
    let log = async {
        let start = Instant::now();
        with_default(logs::lines_to(writer), || (0..10).for_each(|i| info!("line {i}")));
        format!("{} ms", start.elapsed().as_millis())
    };
    log.step("logging").await
}

// ANCHOR: writer
/// Moves `sink` to its own thread, behind a channel with room for `capacity` lines.
///
/// The writer never waits: if the channel is full, it drops the line and counts it, and the log
/// reports the number where the lines are missing. Keep the [`LogGuard`] until the end of `main`.
fn background(sink: impl Write + Send + 'static, capacity: usize) -> (Writer, LogGuard) {
    let (lines, queue) = sync_channel(capacity);
    let writer = Writer { lines, dropped: Arc::default() };
    let dropped = Arc::clone(&writer.dropped);
    let thread = thread::spawn(move || write_all(sink, &queue, &dropped));
    (writer.clone(), LogGuard { writer, thread: Some(thread) })
}

enum Message {
    /// A line, and how many lines were dropped between it and the line before.
    Line {
        dropped: u64,
        line: Vec<u8>,
    },
    End,
}

fn write_all(
    mut sink: impl Write,
    queue: &Receiver<Message>,
    dropped: &AtomicU64,
) -> io::Result<()> {
    while let Ok(Message::Line { dropped, line }) = queue.recv() {
        report_dropped(&mut sink, dropped)?;
        sink.write_all(&line)?;
    }
    report_dropped(&mut sink, dropped.swap(0, Ordering::Relaxed))?;
    sink.flush()
}

fn report_dropped(sink: &mut impl Write, dropped: u64) -> io::Result<()> {
    match dropped {
        0 => Ok(()),
        count => {
            let report = format!("{count} lines were dropped: the log is too slow\n");
            sink.write_all(report.as_bytes())
        }
    }
}

/// The writer of a subscriber. Clones write to the same log.
#[derive(Clone)]
struct Writer {
    lines: SyncSender<Message>,
    /// How many lines were dropped since the last accepted line.
    dropped: Arc<AtomicU64>,
}

impl Write for Writer {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // The line carries the count, so that the report is where the lines are missing.
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        let message = Message::Line { dropped, line: line.to_vec() };
        if self.lines.try_send(message).is_err() {
            self.dropped.fetch_add(dropped + 1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Owns the writer thread. Its `drop` waits until every accepted line is written.
#[must_use = "dropping it ends the log, so keep it until the end of `main`"]
struct LogGuard {
    writer: Writer,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl LogGuard {
    /// Waits until the remaining lines are written. Returns the error if writing failed.
    ///
    /// It blocks its thread. `drop` does the same and ignores the error. `process::exit` runs
    /// neither of them, so the remaining lines are lost.
    fn finish(mut self) -> io::Result<()> {
        self.end()
    }

    fn end(&mut self) -> io::Result<()> {
        let Some(thread) = self.thread.take() else { return Ok(()) };
        // The channel never closes, because the subscriber keeps a clone of the writer. So an
        // `End` stops the thread. `send` waits for room and fails only if the thread has ended.
        let _ = self.writer.lines.send(Message::End);
        thread.join().unwrap_or_else(|_| Err(io::Error::other("the sink panicked")))
    }
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        let _ = self.end();
    }
}
// ANCHOR_END: writer

#[derive(Clone, Default)]
struct SlowDisk(Arc<Mutex<Vec<u8>>>);

impl SlowDisk {
    fn log(&self) -> String {
        let log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&log).into_owned()
    }
}

impl Write for SlowDisk {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        thread::sleep(20.ms());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{
        panic::{self, AssertUnwindSafe},
        sync::mpsc::{Sender, channel},
    };

    use super::*;
    use crate::captured_log::CapturedLog;

    /// A disk that blocks each write until the test lets it continue.
    struct BlockedDisk {
        disk: CapturedLog,
        blocked: Sender<()>,
        opened: Receiver<()>,
    }

    impl Write for BlockedDisk {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            // At the end the test waits for no write.
            let _ = self.blocked.send(());
            // Then it opens the disk by dropping its sender, which makes `recv` return an error.
            let _ = self.opened.recv();
            self.disk.write(line)
        }

        fn flush(&mut self) -> io::Result<()> {
            self.disk.write(b"flushed\n").map(|_| ())
        }
    }

    fn write(writer: &mut Writer, lines: impl IntoIterator<Item = u32>) {
        for i in lines {
            // `writeln!` would write the line in two pieces.
            writer.write_all(format!("{i}\n").as_bytes()).expect("a write never fails");
        }
    }

    #[test]
    fn lines_without_room_are_counted_and_all_others_are_written() {
        let disk = CapturedLog::default();
        let (blocked, blocks) = channel();
        let (open, opened) = channel();
        let blocked_disk = BlockedDisk { disk: disk.clone(), blocked, opened };
        let (mut writer, log) = background(blocked_disk, 3);
        write(&mut writer, [0]);
        blocks.recv().expect("the thread has taken the first line");
        // The channel has room for three of these five. No write waits for the blocked disk.
        write(&mut writer, 1..=5);
        assert!(disk.lines().is_empty(), "{:?}", disk.lines());
        open.send(()).expect("the disk works");
        blocks.recv().expect("the thread has taken the second line");
        write(&mut writer, 6..=8);
        drop(open);
        log.finish().expect("a disk that works");
        let report = "2 lines were dropped: the log is too slow";
        assert_eq!(disk.lines(), ["0", "1", "2", "3", report, "6", report, "flushed"]);
    }

    /// A disk that lets other threads run before each write.
    struct YieldingDisk(CapturedLog);

    impl Write for YieldingDisk {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            thread::yield_now();
            self.0.write(line)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_panic_loses_no_accepted_line() {
        let disk = CapturedLog::default();
        let (mut writer, log) = background(YieldingDisk(disk.clone()), 1000);
        let main = panic::catch_unwind(AssertUnwindSafe(|| {
            let _log = log;
            write(&mut writer, 0..1000);
            // `panic!` would first print its message, and so give the disk time.
            panic::resume_unwind(Box::new("no oil"));
        }));
        assert!(main.is_err());
        assert_eq!(disk.lines().len(), 1000, "last line: {:?}", disk.lines().last());
    }

    #[test]
    fn a_failing_disk_is_reported_at_the_end_and_blocks_no_writer() {
        struct FullDisk;
        impl Write for FullDisk {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (mut writer, log) = background(FullDisk, 1);
        write(&mut writer, 0..100);
        let error = log.finish().expect_err("the disk is full");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        write(&mut writer, [100]);
    }
}
