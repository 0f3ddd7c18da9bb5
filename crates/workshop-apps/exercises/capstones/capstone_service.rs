//! capstone_service · 45 minutes · write a service that drains when it stops
//!
//! A print shop prints photos. Jobs come through a channel, and before an update the machine sends a
//! stop signal. Write `serve`, step by step:
//!
//! 1. It runs each job that it receives as a task, with at most three at the same time. While three
//!    run, it collects no more jobs: the channel is full, and the sender waits.
//! 2. If a job panics, its number is in `Report::failed`, and the others go on. The numbers of the
//!    jobs that ran to their end are in `Report::done`.
//! 3. From the stop signal on, no job is accepted: `send` returns an error immediately, also while
//!    three jobs run.
//! 4. Each job that was accepted before the signal is still run, also those in the channel.
//! 5. When `grace` has passed after the signal, the jobs that run are aborted. Their numbers, and those
//!    of the jobs that never began, are in `Report::left`. After `serve` has returned, no job runs.
//! 6. `serve` returns as soon as there is nothing left to do: after the signal, and also without a
//!    signal when all senders are dropped.
//!
//! The tests have the numbers of the points: the lowest one that fails is the next step.
//!
//! Section: `cargo run -p timeouts -- shutdown`. Code: crates/07-timeouts/src/shutdown.rs.
//! Page: docs/src/07-timeouts.md.

use std::{sync::Arc, time::Duration};

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    join,
    sync::mpsc,
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

/// Each accepted job is in one of the lists, once. The order of the numbers does not matter.
#[derive(Debug, Default)]
struct Report {
    done: Vec<u32>,
    failed: Vec<u32>,
    left: Vec<u32>,
}

async fn serve(
    mut jobs: mpsc::Receiver<Job>,
    stop: CancellationToken,
    grace: Duration,
) -> Report {
    let mut report = Report::default();
    // TODO 1: start the next job before this one has ended. Chapter 2 has a `JoinSet`.
    // TODO 2: which job was it that panicked? A task has an id, and so has its `JoinError`.
    // TODO 3 and 4: `stop.cancelled()` is a future. How does a receiver refuse new jobs?
    // TODO 5: what must be awaited, so that an aborted task is certainly gone?
    while let Some(job) = jobs.recv().await {
        let number = job.number;
        job.run().await;
        report.done.push(number);
    }
    report
}

// The code below is given. Do not change it.

struct Job {
    number: u32,
    takes: Duration,
    _paper: Arc<()>,
}

impl Job {
    /// Prints for this time. A job that takes no time has no photo, and panics.
    async fn run(self) {
        let printing = async {
            assert!(!self.takes.is_zero(), "there is no photo");
            sleep(self.takes).step("printing").await;
        };
        printing.lane(format!("job {}", self.number)).await;
    }
}

/// The report, the refused jobs, and how many jobs still existed when `serve` returned.
type Day = (Report, Vec<u32>, usize);

/// A customer sends jobs: each has a time in milliseconds, and a duration. Then the sender is dropped.
async fn day(jobs: &[(u64, u64)], stop_at: Option<u64>, grace: u64) -> Day {
    let (send, receive) = mpsc::channel(2);
    let (stop, paper, start) = (CancellationToken::new(), Arc::new(()), Instant::now());
    let customer = async {
        let (send, mut refused) = (send, Vec::new());
        for (number, &(at, takes)) in (1..).zip(jobs) {
            sleep_until(start + at.ms()).await;
            let job = Job { number, takes: takes.ms(), _paper: Arc::clone(&paper) };
            match send.send(job).await {
                Ok(()) => say!("sent {number}"),
                Err(_) => {
                    say!("cannot send {number}");
                    refused.push(number);
                }
            }
        }
        refused
    };
    let signal = async {
        if let Some(at) = stop_at {
            sleep(at.ms()).await;
            say!("stop!");
            stop.cancel();
        }
    };
    let service = async {
        let mut report = serve(receive, stop.clone(), grace.ms()).await;
        for numbers in [&mut report.done, &mut report.failed, &mut report.left] {
            numbers.sort();
        }
        say!("{report:?}");
        (report, Arc::strong_count(&paper) - 1)
    };
    let ((report, alive), refused, ()) =
        join!(service, customer.lane("customer"), signal.lane("signal"));
    (report, refused, alive)
}

/// Four short jobs and a long one; then a stop, and a job that comes too late.
async fn run() -> Day {
    day(&[(0, 90), (0, 500), (0, 60), (0, 80), (10, 100), (120, 50)], Some(100), 200)
        .await
}

fn main() {
    exercise::show(run());
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, exercise, stage::record::Ending};

    use super::{Day, Report, day};

    type Run = exercise::Observed<Day>;

    fn observe(jobs: &'static [(u64, u64)], stop_at: Option<u64>, grace: u64) -> Run {
        exercise::observe(async move { day(jobs, stop_at, grace).await })
    }

    #[track_caller]
    fn reports(run: &Run, done: &[u32], failed: &[u32], left: &[u32], likely: &str) {
        let seen = format!("{:?}", run.output().0);
        let expected =
            Report { done: done.into(), failed: failed.into(), left: left.into() };
        let expected = format!("{expected:?}");
        run.require(seen == expected, seen, expected, likely);
    }

    const EIGHT: &[(u64, u64)] = &[(0, 100); 8];

    #[test]
    fn p1_three_jobs_run_at_the_same_time_and_the_sender_waits() {
        let run = observe(EIGHT, None, 0);
        run.never_more_than("printing", 3, "Begin no job while three run.");
        let likely = "Each job waits for the one before: run it as a task, and begin the next one.";
        run.concurrently("printing", 3, likely);
        let early =
            run.lines().iter().find(|line| line.text == "sent 7" && line.at < 100.ms());
        // Three run, two are in the channel, and one may be received already.
        let likely = "Jobs are collected in memory while three run: receive only if there is room.";
        let happened = early.map(ToString::to_string).unwrap_or_default();
        run.require(early.is_none(), happened, "the customer waits with job 7", likely);
        reports(
            &run,
            &[1, 2, 3, 4, 5, 6, 7, 8],
            &[],
            &[],
            "Wait for each job, and report it: without a stop there is no grace period.",
        );
        run.takes(
            300.ms(),
            "As soon as one of the three has ended, the next job begins.",
        );
    }

    #[test]
    fn p2_a_job_that_panics_is_reported_and_ends_nothing_else() {
        let run = observe(&[(0, 100), (0, 0), (0, 50), (0, 50), (0, 50)], None, 0);
        let likely = "The `JoinError` of a task has the `id` that `spawn` returned. Remember which job \
                      has which id.";
        reports(&run, &[1, 3, 4, 5], &[2], &[], likely);
    }

    #[test]
    fn p3_no_job_is_accepted_after_the_stop() {
        let run = observe(&[(0, 200), (0, 200), (0, 200), (60, 10)], Some(50), 500);
        let (_, refused, _) = run.output();
        let happened = format!("after the stop at 50 ms, refused: {refused:?}");
        let likely = "The channel is still open: call `close` of the receiver when the signal comes, \
                      not when a job has ended.";
        run.require(*refused == [4], happened, "job 4 is refused", likely);
        run.prints_at(60.ms(), "customer cannot send 4", likely);
    }

    #[test]
    fn p4_every_accepted_job_is_done_within_the_grace_period() {
        let run = observe(&[(0, 100); 5], Some(50), 300);
        let likely = "At the stop three jobs run, and two are in the channel. After `close`, `recv` \
                      still returns those, and then `None`. A job that was received already, and waits \
                      for its turn, is not dropped either.";
        reports(&run, &[1, 2, 3, 4, 5], &[], &[], likely);
        run.never_more_than(
            "printing",
            3,
            "Begin no job while three run, also after the stop.",
        );
        let likely = "The grace period is a limit: return when the last job has ended.";
        run.takes(200.ms(), likely);
    }

    #[test]
    fn p5_at_the_end_of_the_grace_period_the_rest_is_aborted_and_reported() {
        let run = observe(
            &[(0, 900), (0, 100), (0, 900), (0, 900), (0, 60), (0, 10)],
            Some(40),
            130,
        );
        run.takes_at_most(
            170.ms(),
            "Put a limit on the time from the stop on, for all jobs together.",
        );
        let likely = "Jobs 1, 3 and 4 are aborted, and the others wait behind them: each belongs to \
                      `left`, also those that are still in the channel.";
        let (report, refused, alive) = run.output();
        let all =
            report.done.len() + report.failed.len() + report.left.len() + refused.len();
        run.require(
            all == 6,
            format!("{report:?}, refused: {refused:?}"),
            "six jobs",
            likely,
        );
        run.require(report.done == [2], format!("{report:?}"), "job 2 is done", likely);
        run.require(
            report.failed.is_empty(),
            format!("{report:?}"),
            "no job has failed",
            "A job that was aborted has not failed: its `JoinError` is `is_cancelled`.",
        );
        let likely = "To drop a handle detaches its task. Abort each task and wait for its end: \
                      `shutdown` of a `JoinSet` does both.";
        run.require(
            *alive == 0,
            format!("{alive} jobs are alive after the end"),
            "none",
            likely,
        );
        run.ends("job 1", Ending::Dropped, likely);
        run.takes(170.ms(), "The grace period counts from the signal.");
    }

    #[test]
    fn p6_a_stop_without_any_job_returns_immediately() {
        let run = observe(&[(300, 10)], Some(20), 200);
        let likely = "With nothing to do, there is nothing to wait for.";
        let end = run.lines().iter().find(|line| line.text.starts_with("Report"));
        let at = end.expect("it is always printed").at;
        run.require(
            at == 20.ms(),
            format!("serve returned after {at:?}"),
            "after 20 ms",
            likely,
        );
        run.prints_at(300.ms(), "customer cannot send 1", likely);
    }
}
