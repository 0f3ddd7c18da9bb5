//! A limit frees the caller of a computation; the computation stops only if it asks whether to go on.
//!
//! asyncio: with a pool per call, as tutorials write it, a limit waits for the process anyway, and
//! the loop stands still meanwhile. Tokio: the limit holds, but a thread cannot be stopped from
//! outside, and what `spawn_blocking` has started works on for nobody. So the work asks between
//! two parts. Nothing new is needed: the channel for its result knows whether somebody listens.
#![cfg(not(target_family = "wasm"))]

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use async_kit::{Lane, Millis, say};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use tokio::{sync::oneshot, task::spawn_blocking, time::timeout};

use crate::crew::{Crew, Wanted};

const PARTS: usize = 40;

/// Forty parts of 10 ms, and a caller who waits 55 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = 55.ms();
    let (start, (job, ended)) = (Instant::now(), Job::new());
    let done = Arc::clone(&job.done);
    let _too_late =
        timeout(limit, spawn_blocking(|| unasked(job))).lane("wrong-caller").await;
    report("wrong-work", start, &done, ended).await;

    let crew = Crew::new(2)?;
    let (start, (job, ended)) = (Instant::now(), Job::new());
    let done = Arc::clone(&job.done);
    let asking = crew.spawn(|wanted| asking(job, wanted));
    let _too_late = timeout(limit, asking).lane("right-caller").await;
    report("right-work", start, &done, ended).await;
    Ok(())
}

async fn report(
    work: &str,
    start: Instant,
    done: &AtomicUsize,
    ended: oneshot::Receiver<()>,
) {
    let (at, parts) = (start.elapsed().as_millis(), done.load(SeqCst));
    say!("{work}: the caller leaves after {at} ms and {parts} of {PARTS} parts");
    // An error, always: the other end is dropped with the job, and sends nothing.
    let _ = ended.step("working for nobody").lane(work).await;
    let (at, parts) = (start.elapsed().as_millis(), done.load(SeqCst));
    say!("{work}: the work ends after {at} ms and {parts} of {PARTS} parts");
}

// ANCHOR: cancelled_work
fn unasked(job: Job) -> u64 {
    (0..PARTS).map(|part| job.part(part)).sum()
}

/// `None` if nobody wanted the result to the end.
fn asking(job: Job, wanted: &Wanted<'_>) -> Option<u64> {
    let part = |part| wanted().then(|| job.part(part));
    (0..PARTS).into_par_iter().map(part).sum()
}
// ANCHOR_END: cancelled_work

struct Job {
    done: Arc<AtomicUsize>,
    takes: Duration,
    /// Dropped with the job, which tells that no thread works on it any more.
    _ended: oneshot::Sender<()>,
}

impl Job {
    fn new() -> (Self, oneshot::Receiver<()>) {
        let (end, ended) = oneshot::channel();
        (Self { done: Arc::default(), takes: 10.ms(), _ended: end }, ended)
    }

    fn part(&self, part: usize) -> u64 {
        thread::sleep(self.takes);
        self.done.fetch_add(1, SeqCst);
        part as u64
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Bounds each wait for a thread: arbitrary, and far beyond what any machine needs.
    const PLENTY: Duration = Duration::from_secs(60);

    fn instant() -> (Job, oneshot::Receiver<()>) {
        let (job, ended) = Job::new();
        (Job { takes: Duration::ZERO, ..job }, ended)
    }

    #[tokio::test]
    async fn who_waits_to_the_end_gets_the_whole_sum_either_way() {
        let whole = (0..PARTS as u64).sum();
        assert_eq!(spawn_blocking(|| unasked(instant().0)).await.unwrap(), whole);
        let crew = Crew::new(2).unwrap();
        let asked = crew.spawn(|wanted| asking(instant().0, wanted)).await;
        assert_eq!(asked, Ok(Some(whole)));
    }

    #[tokio::test]
    async fn work_that_asks_does_no_part_after_its_caller_left() {
        let (crew, (job, ended)) = (Crew::new(2).unwrap(), instant());
        let done = Arc::clone(&job.done);
        let (go, may_go) = mpsc::channel();
        let result = crew.spawn(move |wanted| {
            may_go.recv_timeout(PLENTY).expect("the caller says go");
            asking(job, wanted)
        });
        drop(result);
        go.send(()).unwrap();
        assert!(timeout(PLENTY, ended).await.expect("the job ends").is_err());
        assert_eq!(done.load(SeqCst), 0);
    }

    #[tokio::test]
    async fn work_that_does_not_ask_does_every_part_for_nobody() {
        let (job, ended) = instant();
        let done = Arc::clone(&job.done);
        let (go, may_go) = mpsc::channel();
        let result = spawn_blocking(move || {
            may_go.recv_timeout(PLENTY).expect("the caller says go");
            unasked(job)
        });
        assert!(timeout(1.ms(), result).await.is_err(), "the caller waited");
        go.send(()).unwrap();
        assert!(timeout(PLENTY, ended).await.expect("the job ends").is_err());
        assert_eq!(done.load(SeqCst), PARTS);
    }
}
