//! Handles that abort when they are dropped, in a `FuturesUnordered`.

use std::{collections::BTreeSet, pin::pin, sync::Arc, time::Duration};

use async_kit::{Lane, Millis, exercise, say};
use futures::{StreamExt, stream::FuturesUnordered};
use tokio::{
    join, select,
    sync::mpsc,
    task,
    time::{Instant, sleep, sleep_until},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

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
    let (mut report, mut left) = (Report::default(), BTreeSet::new());
    let mut running = FuturesUnordered::new();
    let mut end = pin!(async {
        stop.cancelled().await;
        sleep(grace).await;
    });
    let mut open = true;
    loop {
        if stop.is_cancelled() {
            jobs.close();
        }
        let has_room = running.len() < 3;
        select! {
            () = &mut end => break,
            () = stop.cancelled(), if !jobs.is_closed() => {}
            job = jobs.recv(), if has_room && open => match job {
                Some(job) => {
                    let number = job.number;
                    left.insert(number);
                    let task = AbortOnDropHandle::new(tokio::spawn(job.run()));
                    running.push(async move { (number, task.await) });
                }
                None => open = false,
            },
            Some((number, ended)) = running.next() => {
                left.remove(&number);
                let list = if ended.is_ok() { &mut report.done } else { &mut report.failed };
                list.push(number);
            }
        }
        if !open && running.is_empty() {
            break;
        }
    }
    drop(running);
    // An aborted task is dropped when the runtime gets to it.
    task::yield_now().await;
    while let Some(job) = jobs.recv().await {
        left.insert(job.number);
    }
    report.left.extend(left);
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
