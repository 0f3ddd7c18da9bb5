//! The signal is checked only when a job comes.
//! message: call `close` of the receiver when the signal comes, not when a job has ended.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    join, select,
    sync::mpsc,
    task::{self, JoinError, JoinSet},
    time::{Instant, sleep, sleep_until, timeout},
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
    let mut shop = Shop::default();
    // Looks at the signal before each job.
    while !stop.is_cancelled()
        && let Some(job) = jobs.recv().await
    {
        shop.begin(job);
        while shop.running.len() == 3 {
            let ended = shop.running.join_next_with_id().await;
            shop.note(ended.expect("three run"));
        }
    }
    jobs.close();
    let limit = if stop.is_cancelled() { grace } else { Duration::MAX };
    let _ = timeout(limit, shop.work(&mut jobs)).await;
    shop.abort(&mut jobs).await;
    shop.report
}

#[derive(Default)]
struct Shop {
    running: JoinSet<()>,
    numbers: HashMap<task::Id, u32>,
    report: Report,
}

impl Shop {
    /// Works until the channel is closed and the last job has ended. If it is dropped, the jobs go
    /// on, and a second call continues.
    async fn work(&mut self, jobs: &mut mpsc::Receiver<Job>) {
        let mut open = true;
        loop {
            let has_room = self.running.len() < 3;
            select! {
                Some(ended) = self.running.join_next_with_id() => self.note(ended),
                job = jobs.recv(), if has_room && open => match job {
                    Some(job) => self.begin(job),
                    None => open = false,
                },
                else => return,
            }
        }
    }

    fn begin(&mut self, job: Job) {
        let number = job.number;
        self.numbers.insert(self.running.spawn(job.run()).id(), number);
    }

    fn note(&mut self, ended: Result<(task::Id, ()), JoinError>) {
        let (id, list) = match ended {
            Ok((id, ())) => (id, &mut self.report.done),
            Err(error) => (error.id(), &mut self.report.failed),
        };
        list.extend(self.numbers.remove(&id));
    }

    async fn abort(&mut self, jobs: &mut mpsc::Receiver<Job>) {
        self.running.shutdown().await;
        self.report.left.extend(self.numbers.drain().map(|(_, number)| number));
        while let Ok(job) = jobs.try_recv() {
            self.report.left.push(job.number);
        }
    }
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
