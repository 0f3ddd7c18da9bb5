//! A collector and a processor end together, and the report counts every reading.
//!
//! asyncio: two tasks and a flag, which neither task sees while it waits. If one task fails, a
//! task has to end the other. Here the channel ends both tasks: when the processor drops its
//! receiver, the collector stops; when the collector drops its sender, the processor drains the
//! queue and ends.

mod source_and_sink;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    select,
    sync::mpsc::{self, error::TrySendError},
    task::JoinError,
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use source_and_sink::{Feed, Reading, Sheet, Sink, Source, StoreError};

/// The fourth of eleven readings is bad. The stop comes after the feed has sent its last reading.
pub(crate) async fn run() -> anyhow::Result<()> {
    let capacity = knob("capacity", 4, 1..=20_usize);
    let storing = knob("storing", 27.ms(), 1.ms()..=100.ms());
    let free_rows = knob("rows", 100, 1..=100_usize);
    let stop_after = knob("stop-after", 170.ms(), 1.ms()..=2.secs());
    ask("rows=2", "when does the collector stop, and how many readings remain?");
    say!("the sheet has {free_rows} free rows");
    let feed = Feed([0, 1, 2, -3, 4, 5, 6, 7, 8, 9, 10].into_iter());
    let stop = CancellationToken::new();
    let sheet = Sheet { storing, free_rows };
    let report = tokio::spawn(supervise(feed, sheet, capacity, stop.clone()));
    sleep(stop_after).await;
    stop.cancel();
    say!("{}", report.await?);
    Ok(())
}

/// The outcomes of the readings, and the errors of the tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Report {
    collected: usize,
    dropped: usize,
    stored: Vec<Reading>,
    bad: usize,
    failures: Vec<String>,
}

impl Report {
    /// The readings in the queue when the processor failed, and the one that it failed to store.
    fn remaining(&self) -> usize {
        self.collected - self.dropped - self.stored.len() - self.bad
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { collected, dropped, stored, bad, failures } = self;
        write!(f, "collected {collected}, dropped {dropped}, ")?;
        write!(f, "stored {}, bad {bad}, ", stored.len())?;
        write!(f, "remaining {}, ", self.remaining())?;
        write!(f, "failures {failures:?}")
    }
}

// ANCHOR: processor
async fn supervise(
    source: impl Source,
    sink: impl Sink,
    capacity: usize,
    stop: CancellationToken,
) -> Report {
    // If this future is dropped, both tasks must stop too. The guard cancels a child token, so that
    // the caller's token is not cancelled.
    let stop = stop.child_token();
    let _stop_on_drop = stop.clone().drop_guard();
    let log = Log::default();
    let (readings, queue) = mpsc::channel(capacity);
    let collector = collect(source, readings, stop, log.clone()).try_lane("collector");
    let processor = process(sink, queue, log.clone()).try_lane("processor");
    let (collector, processor) = (tokio::spawn(collector), tokio::spawn(processor));
    let results = [collector.await, processor.await];
    let failures = results.into_iter().filter_map(failure).collect();
    Report { failures, ..log.with(|report| report.clone()) }
}

async fn collect(
    mut source: impl Source,
    readings: mpsc::Sender<Reading>,
    stop: CancellationToken,
    log: Log,
) -> anyhow::Result<()> {
    loop {
        let reading = select! {
            biased;
            () = stop.cancelled() => break,
            () = readings.closed() => break,
            reading = source.next() => reading?,
        };
        let Some(reading) = reading else { break };
        // If the queue is full, the reading is dropped and counted. A wait would delay all later
        // readings.
        log.with(|report| report.collected += 1);
        if let Err(TrySendError::Full(reading)) = readings.try_send(reading) {
            say!("drops {reading}");
            log.with(|report| report.dropped += 1);
        }
    }
    say!("stops");
    Ok(())
}

async fn process(
    mut sink: impl Sink,
    mut queue: mpsc::Receiver<Reading>,
    log: Log,
) -> anyhow::Result<()> {
    while let Some(reading) = queue.recv().await {
        match sink.store(reading).step("storing").await {
            Ok(()) => {
                say!("stored {reading}");
                log.with(|report| report.stored.push(reading));
            }
            Err(StoreError::BadReading) => {
                say!("skips {reading}");
                log.with(|report| report.bad += 1);
            }
            Err(broken @ StoreError::Broken) => return Err(broken.into()),
        }
    }
    say!("has drained the queue");
    Ok(())
}
// ANCHOR_END: processor

/// A panic of a task is a failure, like an error.
fn failure(result: Result<anyhow::Result<()>, JoinError>) -> Option<String> {
    match result {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(panic) => Some(panic.to_string()),
    }
}

/// The report so far. It still exists after a task has failed or panicked.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Report>>);

impl Log {
    fn with<T>(&self, f: impl FnOnce(&mut Report) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{cancel_at_every_await, virtual_time};
    use std::time::Duration;
    use tokio::{runtime::Handle, time::Instant};

    use super::*;

    fn sheet(storing: u64) -> Sheet {
        Sheet { storing: storing.ms(), free_rows: 100 }
    }

    /// A feed that ends or fails after the readings of a range.
    struct FiniteFeed(std::ops::Range<Reading>, Result<(), &'static str>);

    impl Source for FiniteFeed {
        async fn next(&mut self) -> anyhow::Result<Option<Reading>> {
            sleep(10.ms()).await;
            match (self.0.next(), self.1) {
                (None, Err(message)) => anyhow::bail!(message),
                (reading, _) => Ok(reading),
            }
        }
    }

    /// The report, and the time from the stop to the report. The feed sends the eleventh reading
    /// at 110 ms.
    fn stopped_at(
        stop_after: u64,
        source: impl Source,
        sink: impl Sink,
        capacity: usize,
    ) -> (Report, Duration) {
        virtual_time(async move {
            let stop = CancellationToken::new();
            let run = tokio::spawn(supervise(source, sink, capacity, stop.clone()));
            sleep(stop_after.ms()).await;
            let stopped = Instant::now();
            stop.cancel();
            (run.await.expect("the supervisor does not panic"), stopped.elapsed())
        })
    }

    fn without_a_stop(source: impl Source, sink: impl Sink) -> Report {
        virtual_time(supervise(source, sink, 20, CancellationToken::new()))
    }

    #[test]
    fn eleven_readings_are_stored_in_order() {
        let feed = Feed(0..100);
        let (report, _) = stopped_at(115, feed, sheet(1), 3);
        assert_eq!(report.stored, (0..11).collect::<Vec<_>>(), "{report}");
        assert_eq!((report.collected, report.dropped), (11, 0), "{report}");
    }

    #[test]
    fn a_stop_ends_a_collector_whose_source_sends_nothing() {
        let feed = Feed(0..0);
        let (report, took) = stopped_at(50, feed, sheet(1), 3);
        assert_eq!(took, Duration::ZERO, "{report}");
    }

    #[test]
    fn a_stop_drains_the_queue() {
        let feed = Feed(0..10);
        let (report, took) = stopped_at(105, feed, sheet(25), 20);
        assert_eq!(report.stored, (0..10).collect::<Vec<_>>(), "{report}");
        assert_eq!(took, 155.ms(), "{report}");
    }

    #[test]
    fn a_slow_processor_makes_the_collector_drop_and_count_readings() {
        let feed = Feed(0..100);
        let (report, took) = stopped_at(305, feed, sheet(55), 3);
        assert_eq!(report.collected, 30, "{report}");
        assert_eq!(report.stored.len() + report.dropped, 30, "{report}");
        assert!(took < 55.ms() * 4, "at most one in use and three queued: {took:?}");
    }

    #[test]
    fn a_feed_that_fails_ends_the_processor_after_the_queue_is_drained() {
        let report = without_a_stop(FiniteFeed(0..3, Err("the feed is lost")), sheet(25));
        assert_eq!(report.stored, [0, 1, 2], "{report}");
        assert_eq!(report.failures, ["the feed is lost"], "{report}");
    }

    #[test]
    fn the_end_of_the_feed_ends_both_tasks() {
        let report = without_a_stop(FiniteFeed(0..3, Ok(())), sheet(25));
        assert_eq!((report.stored.len(), report.failures.len()), (3, 0), "{report}");
    }

    #[test]
    fn a_bad_reading_does_not_end_the_processor() {
        let report = without_a_stop(FiniteFeed(-1..2, Ok(())), sheet(1));
        assert_eq!((report.stored.as_slice(), report.bad), ([0, 1].as_slice(), 1));
    }

    #[test]
    fn a_sink_that_fails_ends_a_collector_whose_source_sends_nothing() {
        let sheet = Sheet { storing: 1.ms(), free_rows: 1 };
        let report = without_a_stop(Feed(0..2), sheet);
        assert_eq!(report.failures, ["the sheet is full"], "{report}");
        assert_eq!(report.stored, [0], "{report}");
        assert_eq!(report.remaining(), 1, "{report}");
    }

    /// The source sends nothing after three readings.
    #[test]
    fn a_supervisor_cancelled_at_any_await_leaves_no_task_behind() {
        let cuts = cancel_at_every_await(
            async || (),
            async |()| {
                supervise(Feed(0..3), sheet(27), 4, CancellationToken::new()).await
            },
            async |(), cut| {
                sleep(100.ms()).await;
                assert_eq!(Handle::current().metrics().num_alive_tasks(), 0, "{cut}");
            },
        );
        assert_eq!(
            cuts, 2,
            "before the first poll, and while it waits for the collector"
        );
    }

    #[test]
    fn a_stop_at_any_moment_lets_every_reading_be_processed() {
        for stop_after in 1..=150 {
            let (report, _) = stopped_at(stop_after, Feed(0..11), sheet(27), 4);
            assert_eq!(report.remaining(), 0, "after {stop_after} ms: {report}");
            assert!(report.stored.is_sorted(), "after {stop_after} ms: {report:?}");
        }
    }
}
