//! A log that is slower than the program delays nobody, and what it leaves out it counts.
//!
//! asyncio: `QueueHandler` and `QueueListener`, whose queue has no bound unless it is given one.
//! Tokio: `fmt` writes in the task that logs, so a slow terminal or disk stops the worker with
//! every task on it. Here a thread of its own writes, behind a bounded channel. The `tracing-appender`
//! crate does this too; this is what is in it.
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

use async_kit::{Millis, say};
use tracing::{info, subscriber::with_default};

use crate::logs;

/// Ten lines to a disk that needs 20 ms for each: directly, behind a channel, and behind one
/// that is too small.
pub(crate) async fn run() -> anyhow::Result<()> {
    let took = log_ten(SlowDisk::default);
    say!("directly: the task was held up for {took}");
    for capacity in [10, 4] {
        let disk = SlowDisk::default();
        let (writer, log) = background(disk.clone(), capacity);
        let took = log_ten(move || writer.clone());
        say!("room for {capacity}: it was held up for {took}");
        log.finish()?;
        for line in disk.log().lines() {
            say!("   {}", line.trim());
        }
    }
    Ok(())
}

fn log_ten<W: Write + 'static>(writer: impl Fn() -> W + Send + Sync + 'static) -> String {
    let start = Instant::now();
    with_default(logs::lines_to(writer), || (0..10).for_each(|i| info!("line {i}")));
    format!("{} ms", start.elapsed().as_millis())
}

// ANCHOR: writer
/// Moves `sink` to a thread of its own, behind a channel with room for so many lines.
///
/// The writer never waits: a line for which there is no room is left out and counted, and the
/// log itself says how many were. Keep the [`Log`] until the end of `main`.
fn background(sink: impl Write + Send + 'static, capacity: usize) -> (Writer, Log) {
    let (lines, queue) = sync_channel(capacity);
    let writer = Writer { lines, lost: Arc::default() };
    let lost = Arc::clone(&writer.lost);
    let thread = thread::spawn(move || write_all(sink, &queue, &lost));
    (writer.clone(), Log { writer, thread: Some(thread) })
}

enum Message {
    Line(Vec<u8>),
    End,
}

fn write_all(
    mut sink: impl Write,
    queue: &Receiver<Message>,
    lost: &AtomicU64,
) -> io::Result<()> {
    while let Ok(Message::Line(line)) = queue.recv() {
        sink.write_all(&line)?;
        tell_lost(&mut sink, lost)?;
    }
    tell_lost(&mut sink, lost)?;
    sink.flush()
}

fn tell_lost(sink: &mut impl Write, lost: &AtomicU64) -> io::Result<()> {
    match lost.swap(0, Ordering::Relaxed) {
        0 => Ok(()),
        lost => {
            let told = format!("{lost} lines were lost: the log is too slow for them\n");
            sink.write_all(told.as_bytes())
        }
    }
}

/// Where a subscriber writes to; a clone writes to the same log.
#[derive(Clone)]
struct Writer {
    lines: SyncSender<Message>,
    lost: Arc<AtomicU64>,
}

impl Write for Writer {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.lines.try_send(Message::Line(line.to_vec())).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The end of a log: nothing that was accepted is missing after it.
#[must_use = "dropping it writes what is left, so it has to live as long as `main`"]
struct Log {
    writer: Writer,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Log {
    /// Writes what is left, and returns the error that ended the writing, if one did.
    ///
    /// It blocks its thread. `drop` does the same and forgets the error; `process::exit` does
    /// neither.
    fn finish(mut self) -> io::Result<()> {
        self.end()
    }

    fn end(&mut self) -> io::Result<()> {
        let Some(thread) = self.thread.take() else { return Ok(()) };
        // An `End`, because a clone of the writer lives in the subscriber for ever. It waits for
        // room, and fails only if the thread has ended already.
        let _ = self.writer.lines.send(Message::End);
        thread.join().unwrap_or_else(|_| Err(io::Error::other("the sink panicked")))
    }
}

impl Drop for Log {
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
    use crate::captured::Captured;

    /// A disk that writes a line only when it is let.
    struct Gate {
        disk: Captured,
        waits: Sender<()>,
        opened: Receiver<()>,
    }

    impl Write for Gate {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            // Nobody has to listen.
            let _ = self.waits.send(());
            // Closed for good means open: the test is over and the rest may be written.
            let _ = self.opened.recv();
            self.disk.write(line)
        }

        fn flush(&mut self) -> io::Result<()> {
            self.disk.write(b"flushed\n").map(|_| ())
        }
    }

    fn write(writer: &mut Writer, lines: impl IntoIterator<Item = u32>) {
        for i in lines {
            // Not `writeln!`, which writes the line in two pieces.
            writer.write_all(format!("{i}\n").as_bytes()).expect("it never fails");
        }
    }

    #[test]
    fn what_has_no_room_is_counted_and_everything_else_is_there_at_the_end() {
        let disk = Captured::default();
        let (waits, waiting) = channel();
        let (open, opened) = channel();
        let gate = Gate { disk: disk.clone(), waits, opened };
        let (mut writer, log) = background(gate, 3);
        write(&mut writer, [0]);
        waiting.recv().expect("the thread has taken the first line");
        // Three have room; none of these five waits, though the disk stands still.
        write(&mut writer, 1..=5);
        assert!(disk.lines().is_empty(), "{:?}", disk.lines());
        drop(open);
        log.finish().expect("a disk that works");
        let lost = "2 lines were lost: the log is too slow for them";
        assert_eq!(disk.lines(), ["0", lost, "1", "2", "3", "flushed"]);
    }

    /// A disk that lets everybody else go first.
    struct Lazy(Captured);

    impl Write for Lazy {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            thread::yield_now();
            self.0.write(line)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_panic_loses_no_line_that_was_accepted() {
        let disk = Captured::default();
        let (mut writer, log) = background(Lazy(disk.clone()), 1000);
        let main = panic::catch_unwind(AssertUnwindSafe(|| {
            let _log = log;
            write(&mut writer, 0..1000);
            // A panic without a message, which would give the disk time.
            panic::resume_unwind(Box::new("no oil"));
        }));
        assert!(main.is_err());
        assert_eq!(disk.lines().len(), 1000, "the last is {:?}", disk.lines().last());
    }

    #[test]
    fn a_disk_that_fails_is_told_at_the_end_and_stops_nobody() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (mut writer, log) = background(Full, 1);
        write(&mut writer, 0..100);
        let error = log.finish().expect_err("the disk is full");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        write(&mut writer, [100]);
    }
}
