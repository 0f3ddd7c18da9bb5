//! A monitor reports a job as done only if the job returned a value.
//!
//! asyncio: a hand-written monitor often reports a job that timed out as "completed: None", because
//! a helper has swallowed the error. And a cancelled job ends the task that watches it, because
//! `except Exception` does not catch `CancelledError`. The kit's [`Monitor`] has the states Running,
//! Done, Failed, TimedOut, Cancelled and Panicked, and reports jobs in the order in which they end.

use std::{sync::Arc, time::Duration};

use async_kit::{Backoff, Lane, Millis, Monitor, Retry, RetryError, ask, knob, say};
use tokio::time::sleep;

/// Five jobs: one fails in both attempts, one is too slow, one is cancelled.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 300.ms(), 110.ms()..=900.ms());
    let cancel_at = knob("cancel-at", 450.ms(), 10.ms()..=900.ms());
    let broken = knob("broken", 3, 0..=9_usize) as u32;
    ask("cancel-at=600ms", "how many jobs does the boss cancel?");
    let monitor = Arc::new(start(limit, broken));
    let boss = tokio::spawn(cancel_job_5(Arc::clone(&monitor), cancel_at).lane("boss"));
    while let Some(report) = monitor.next().await {
        say!("{}: {}", report.name, report.outcome.state());
    }
    boss.await?;
    say!("running jobs: {:?}", monitor.active());
    Ok(())
}

// ANCHOR: watched
type Failure = RetryError<OutOfPaper>;

/// Each job has two attempts. The jobs with even numbers also have a time limit.
fn start(limit: Duration, broken: u32) -> Monitor<u32, Failure> {
    let monitor = Monitor::new();
    for n in 1..=5 {
        let name = format!("job-{n}");
        let job = retried(n, broken).try_lane(name.clone());
        match n % 2 {
            0 => monitor.spawn_within(name, limit, job),
            _ => monitor.spawn(name, job),
        }
    }
    monitor
}

async fn retried(n: u32, broken: u32) -> Result<u32, Failure> {
    let twice = Retry::new(Backoff::fixed(20.ms())).attempts(2);
    twice.run(|| print_page(n, broken)).await
}

async fn cancel_job_5(monitor: Arc<Monitor<u32, Failure>>, after: Duration) {
    sleep(after).await;
    say!("sees running jobs {:?}", monitor.active());
    say!("cancels running jobs: {}", monitor.cancel("job-5"));
}
// ANCHOR_END: watched

#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("out of paper")]
struct OutOfPaper;

async fn print_page(n: u32, broken: u32) -> Result<u32, OutOfPaper> {
    sleep(100.ms() * n).step("printing").await;
    if n == broken { Err(OutOfPaper) } else { Ok(n) }
}

#[cfg(test)]
mod tests {
    use async_kit::{
        Transcript,
        monitor::{Report, State},
        virtual_time,
    };

    use super::*;

    fn ended(reports: &[Report<u32, Failure>]) -> Vec<(&str, State)> {
        reports.iter().map(|report| (&*report.name, report.outcome.state())).collect()
    }

    #[test]
    fn jobs_without_errors_are_done_shortest_first() {
        virtual_time(async {
            let monitor = start(500.ms(), 0);
            assert_eq!(monitor.active(), ["job-1", "job-2", "job-3", "job-4", "job-5"]);
            let reports = monitor.join().await;
            let wanted: Vec<_> =
                (1..=5).map(|n| (format!("job-{n}"), State::Done)).collect();
            let wanted: Vec<_> =
                wanted.iter().map(|(name, state)| (&**name, *state)).collect();
            assert_eq!(ended(&reports), wanted);
            assert!(monitor.active().is_empty());
            assert_eq!(reports[4].took, 500.ms());
        });
    }

    #[test]
    fn a_job_without_a_value_is_never_reported_as_done() {
        virtual_time(async {
            let monitor = start(300.ms(), 3);
            sleep(450.ms()).await;
            assert_eq!(monitor.state("job-3"), Some(State::Running));
            monitor.cancel("job-5");
            let reports = monitor.join().await;
            assert_eq!(
                ended(&reports),
                [
                    ("job-1", State::Done),
                    ("job-2", State::Done),
                    ("job-4", State::TimedOut),
                    ("job-5", State::Cancelled),
                    ("job-3", State::Failed),
                ]
            );
        });
    }

    #[test]
    fn each_end_is_reported_when_it_happens() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.100s] job-1: done",
                "[  0.200s] job-2: done",
                "[  0.300s] job-4: timed out",
                "[  0.450s] boss sees running jobs [\"job-3\", \"job-5\"]",
                "[  0.450s] boss cancels running jobs: 1",
                "[  0.450s] job-5: cancelled",
                "[  0.620s] job-3: failed",
                "[  0.620s] running jobs: []",
            ]);
        });
    }

    #[test]
    fn cancelling_a_job_that_is_done_changes_nothing() {
        virtual_time(async {
            let monitor = start(900.ms(), 0);
            sleep(600.ms()).await;
            assert_eq!(monitor.cancel("job-5"), 0);
            assert_eq!(monitor.state("job-5"), Some(State::Done));
        });
    }
}
