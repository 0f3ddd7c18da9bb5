//! What is in the channel at the stop begins immediately, without the limit.
//! message: Begin no job while three run, also after the stop.

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
    use std::collections::HashMap;
    use tokio::{select, task::JoinSet};
    let mut report = Report::default();
    let mut running = JoinSet::new();
    let mut numbers = HashMap::new();
    let mut open = true;
    let mut end: Option<Instant> = None;
    loop {
        if !open && running.is_empty() {
            return report;
        }
        select! {
            () = stop.cancelled(), if end.is_none() => {
                jobs.close();
                end = Some(Instant::now() + grace);
            }
            () = sleep_until(end.unwrap_or_else(Instant::now)), if end.is_some() => break,
            job = jobs.recv(), if open && (running.len() < 3 || end.is_some()) => match job {
                Some(job) => {
                    let number = job.number;
                    numbers.insert(running.spawn(job.run()).id(), number);
                }
                None => open = false,
            },
            Some(ended) = running.join_next_with_id() => match ended {
                Ok((id, ())) => report.done.extend(numbers.remove(&id)),
                Err(error) => report.failed.extend(numbers.remove(&error.id())),
            },
        }
    }

    running.shutdown().await;
    report.left.extend(numbers.into_values());
    while let Ok(job) = jobs.try_recv() {
        report.left.push(job.number);
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
