//! A job that waits for a permit is dropped by the stop.
//! message: A job that was received already, and waits for its turn, is not dropped either.

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
    use tokio::{select, sync::Semaphore, task::JoinSet, time::timeout};
    let mut report = Report::default();
    let permits = Arc::new(Semaphore::new(3));
    let mut running = JoinSet::new();
    let mut numbers = HashMap::new();
    loop {
        let begin = async {
            let job = jobs.recv().await?;
            let permit = permits.clone().acquire_owned().await.expect("open");
            Some((job, permit))
        };
        select! {
            () = stop.cancelled() => break,
            next = begin => {
                let Some((job, permit)) = next else { break };
                let number = job.number;
                let task = running.spawn(async move { let _permit = permit; job.run().await });
                numbers.insert(task.id(), number);
            }
        }
    }
    jobs.close();
    let rest = async {
        while let Some(job) = jobs.recv().await {
            let permit = permits.clone().acquire_owned().await.expect("open");
            let number = job.number;
            let task = running.spawn(async move {
                let _permit = permit;
                job.run().await
            });
            numbers.insert(task.id(), number);
        }
        while let Some(ended) = running.join_next_with_id().await {
            match ended {
                Ok((id, ())) => report.done.extend(numbers.remove(&id)),
                Err(error) => report.failed.extend(numbers.remove(&error.id())),
            }
        }
    };
    let limit = if stop.is_cancelled() { grace } else { Duration::from_secs(86400) };
    let _ = timeout(limit, rest).await;
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
