//! A timeout ends the wait for a computation, which stops only if it checks for cancellation.
//!
//! asyncio: with a process pool per call, as tutorials write it, the timeout has to wait for the
//! process, and the loop is blocked until then. Tokio: the timeout expires on time, but a thread
//! cannot be stopped from outside, so work started by `spawn_blocking` continues without a caller. So
//! the work must check between its parts. The channel for its result makes this check possible: its
//! sender is closed when the receiver is dropped.
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
use tokio::{
    sync::oneshot,
    task::{JoinHandle, spawn_blocking},
    time::timeout,
};

use crate::compute_pool::{ComputePool, IsWanted};

const PARTS: usize = 40;

/// Forty parts of 10 ms, and a caller that waits at most 55 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = 55.ms();
    let (start, (job, ended)) = (Instant::now(), Job::new());
    let (done, work) = (Arc::clone(&job.done), drawn("wrong-work", ended));
    let _too_late =
        timeout(limit, spawn_blocking(|| without_checks(job))).lane("wrong-caller").await;
    report("wrong-work", start, &done, work).await?;

    let pool = ComputePool::new(2)?;
    let (start, (job, ended)) = (Instant::now(), Job::new());
    let (done, work) = (Arc::clone(&job.done), drawn("right-work", ended));
    let sum = pool.spawn(|is_wanted| with_checks(job, is_wanted));
    let _too_late = timeout(limit, sum).lane("right-caller").await;
    report("right-work", start, &done, work).await
}

/// Draws the work as computing until no thread works on the job any more.
fn drawn(work: &str, ended: oneshot::Receiver<()>) -> JoinHandle<()> {
    // Ignore the error: the sender sends nothing, and is dropped with the job.
    let ended = async { drop(ended.await) };
    tokio::spawn(ended.step("computing").lane(work))
}

async fn report(
    work: &str,
    start: Instant,
    done: &AtomicUsize,
    ended: JoinHandle<()>,
) -> anyhow::Result<()> {
    let (at, parts) = (start.elapsed().as_millis(), done.load(SeqCst));
    say!("{work}: the caller times out after {at} ms and {parts} of {PARTS} parts");
    ended.await?;
    let (at, parts) = (start.elapsed().as_millis(), done.load(SeqCst));
    say!("{work}: the work ends after {at} ms and {parts} of {PARTS} parts");
    Ok(())
}

// ANCHOR: cancelled_work
fn without_checks(job: Job) -> u64 {
    (0..PARTS).map(|part| job.part(part)).sum()
}

/// Returns `None` if the receiver of the result is dropped before the last part has started.
fn with_checks(job: Job, is_wanted: &IsWanted<'_>) -> Option<u64> {
    let part = |part| is_wanted().then(|| job.part(part));
    (0..PARTS).into_par_iter().map(part).sum()
}
// ANCHOR_END: cancelled_work

struct Job {
    done: Arc<AtomicUsize>,
    takes: Duration,
    /// Dropped with the job. This wakes the receiver: no thread works on the job any more.
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

    /// Bounds each wait for a thread. Arbitrary, but much longer than any machine needs.
    const TEST_LIMIT: Duration = Duration::from_secs(60);

    fn instant_job() -> (Job, oneshot::Receiver<()>) {
        let (job, ended) = Job::new();
        (Job { takes: Duration::ZERO, ..job }, ended)
    }

    #[tokio::test]
    async fn a_caller_that_waits_receives_the_whole_sum_in_both_ways() {
        let whole = (0..PARTS as u64).sum();
        let sum = spawn_blocking(|| without_checks(instant_job().0)).await;
        assert_eq!(sum.unwrap(), whole);
        let pool = ComputePool::new(2).unwrap();
        let sum = pool.spawn(|is_wanted| with_checks(instant_job().0, is_wanted)).await;
        assert_eq!(sum, Ok(Some(whole)));
    }

    #[tokio::test]
    async fn work_with_checks_does_no_part_after_its_caller_is_gone() {
        let (pool, (job, ended)) = (ComputePool::new(2).unwrap(), instant_job());
        let done = Arc::clone(&job.done);
        let (release, released) = mpsc::channel();
        let result = pool.spawn(move |is_wanted| {
            released.recv_timeout(TEST_LIMIT).expect("the test releases the work");
            with_checks(job, is_wanted)
        });
        drop(result);
        release.send(()).unwrap();
        assert!(timeout(TEST_LIMIT, ended).await.expect("the job ends").is_err());
        assert_eq!(done.load(SeqCst), 0);
    }

    #[tokio::test]
    async fn work_without_checks_does_every_part_after_its_caller_is_gone() {
        let (job, ended) = instant_job();
        let done = Arc::clone(&job.done);
        let (release, released) = mpsc::channel();
        let result = spawn_blocking(move || {
            released.recv_timeout(TEST_LIMIT).expect("the test releases the work");
            without_checks(job)
        });
        assert!(timeout(1.ms(), result).await.is_err(), "the caller did not time out");
        release.send(()).unwrap();
        assert!(timeout(TEST_LIMIT, ended).await.expect("the job ends").is_err());
        assert_eq!(done.load(SeqCst), PARTS);
    }
}
