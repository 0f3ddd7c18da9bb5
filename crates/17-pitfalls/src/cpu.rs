//! A computation on a thread of the runtime stops every task; on a separate thread it stops none.
//!
//! asyncio: a process pool, because of the GIL. Rust: threads compute in parallel. `spawn_blocking`
//! uses up to 512 threads. This suits calls that wait, but computations on so many threads compete
//! for a few cores. A rayon pool has one thread per core by default, and further computations wait in
//! its queue.
#![cfg(not(target_family = "wasm"))]

use std::{hint::black_box, pin::pin, sync::Arc, time::Instant};

use anyhow::Context;
use async_kit::{Lane, say};
use tokio::{sync::Notify, task::spawn_blocking};

use crate::{
    compute_pool::ComputePool,
    gauge::Gauge,
    heartbeat::{Heartbeat, beside},
};

const JOBS: usize = 4;

/// Four equal computations, in three places, beside a heartbeat.
pub(crate) async fn run() -> anyhow::Result<()> {
    let (start, sum) = (Instant::now(), Sum::new(10_000_000));
    let (sums, heartbeat) = beside(on_the_runtime(&sum)).await;
    report("on the runtime", start, &sum, &sums?, heartbeat);

    let (start, sum) = (Instant::now(), Sum::new(10_000_000));
    let (sums, heartbeat) = beside(on_threads(&sum)).await;
    report("spawn_blocking", start, &sum, &sums?, heartbeat);

    // Two threads, so that computations wait in the queue even on a machine with many cores.
    let pool = ComputePool::new(2)?;
    let (start, sum) = (Instant::now(), Sum::new(10_000_000));
    let (sums, heartbeat) = beside(on_a_pool(&pool, &sum)).await;
    report("rayon", start, &sum, &sums?, heartbeat);
    Ok(())
}

fn report(place: &str, start: Instant, sum: &Sum, sums: &[u64], heartbeat: Heartbeat) {
    let (took, pause) = (start.elapsed(), heartbeat.longest_pause);
    let (times, peak) = (sums.len(), sum.busy.peak());
    say!("{place}: {times} sums of {} in {} ms", sums[0], took.as_millis());
    let pause = pause.as_millis();
    say!("{place}: at most {peak} in parallel, longest heartbeat pause {pause} ms");
}

// ANCHOR: cpu
async fn on_the_runtime(sum: &Sum) -> anyhow::Result<Vec<u64>> {
    each("wrong", sum, |sum| {
        async move { Ok(sum.compute("abc")) }.step("blocking the runtime")
    })
    .await
}

async fn on_threads(sum: &Sum) -> anyhow::Result<Vec<u64>> {
    each("thread", sum, |sum| {
        let sum = spawn_blocking(move || sum.compute("abc"));
        async { sum.await.context("the computation panicked") }
    })
    .await
}

async fn on_a_pool(pool: &ComputePool, sum: &Sum) -> anyhow::Result<Vec<u64>> {
    each("rayon", sum, |sum| {
        let sum = pool.spawn(move |_| sum.compute("abc"));
        async { sum.await.context("the computation panicked") }
    })
    .await
}
// ANCHOR_END: cpu

#[derive(Clone)]
struct Sum {
    of: u64,
    busy: Gauge,
    started: Arc<Notify>,
}

impl Sum {
    fn new(of: u64) -> Self {
        Self { of, busy: Gauge::default(), started: Arc::default() }
    }

    fn compute(&self, data: &str) -> u64 {
        let _computing = self.busy.enter();
        self.started.notify_one();
        let (mut sum, mut number) = (0, 0);
        // In a debug build an iterator would take several times as long. In a release build the
        // compiler would replace the loop by a formula, so `black_box` hides the number from it.
        while number < self.of {
            sum += black_box(number) * data.len() as u64;
            number += 1;
        }
        sum
    }
}

/// Starts every job in its own task, and collects the results.
async fn each<F>(
    name: &str,
    sum: &Sum,
    job: impl Fn(Sum) -> F,
) -> anyhow::Result<Vec<u64>>
where
    F: Future<Output = anyhow::Result<u64>> + Send + 'static,
{
    let start = |n| {
        let started = Arc::default();
        let sum = Sum { started: Arc::clone(&started), ..sum.clone() };
        tokio::spawn(drawn(job(sum), started).try_lane(format!("{name}-{n}")))
    };
    let mut sums = Vec::new();
    for task in (1..=JOBS).map(start).collect::<Vec<_>>() {
        sums.push(task.await??);
    }
    Ok(sums)
}

/// The timeline shows a job as waiting until its thread has started it, and then as computing.
async fn drawn<T>(job: impl Future<Output = T>, started: Arc<Notify>) -> T {
    let mut job = pin!(job);
    tokio::select! {
        biased;
        () = started.notified() => job.step("computing").await,
        result = &mut job => result,
    }
}

#[cfg(test)]
mod tests {
    use std::{thread, time::Duration};

    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// Bounds each wait for a thread. Arbitrary, but much longer than any machine needs.
    const TEST_LIMIT: Duration = Duration::from_secs(60);

    #[test]
    fn the_sum_matches_the_formula() {
        assert_eq!(Sum::new(10_000_000).compute("abc"), 149_999_985_000_000);
        assert_eq!(Sum::new(4).compute("ab"), 12);
    }

    #[test]
    fn on_the_runtime_one_sum_is_computed_at_a_time_without_a_heartbeat() {
        virtual_time(async {
            let sum = Sum::new(1_000);
            let (sums, heartbeat) = beside(on_the_runtime(&sum)).await;
            assert_eq!(sums.unwrap(), [1_498_500; JOBS]);
            assert_eq!((sum.busy.peak(), heartbeat.beats), (1, 0), "{heartbeat:?}");
        });
    }

    #[tokio::test]
    async fn a_pool_of_two_threads_never_computes_more_than_two_sums_concurrently() {
        // Each sum takes long enough for four threads to overlap, if there were four.
        let (pool, sum) = (ComputePool::new(2).unwrap(), Sum::new(1_000_000));
        assert_eq!(on_a_pool(&pool, &sum).await.unwrap(), [1_499_998_500_000; JOBS]);
        assert!((1..=2).contains(&sum.busy.peak()), "{:?}", sum.busy);
    }

    #[tokio::test]
    async fn the_timeline_shows_a_queued_sum_as_waiting_and_a_running_one_as_computing() {
        let (pool, sum) = (ComputePool::new(1).unwrap(), Sum::new(1_000));
        let seen = Transcript::of(async move { on_a_pool(&pool, &sum).await }).await;
        assert_eq!(seen.peak("computing"), 1, "{seen}");
        let sum = Sum::new(1_000);
        let seen = Transcript::of(async move { on_the_runtime(&sum).await }).await;
        let drawn = (seen.peak("blocking the runtime"), seen.peak("computing"));
        assert_eq!(drawn, (1, 0), "{seen}");
    }

    /// Blocks the only thread of the runtime until another thread computes.
    async fn block_until_one_computes(sum: &Sum) {
        let start = Instant::now();
        while sum.busy.peak() == 0 {
            assert!(start.elapsed() < TEST_LIMIT, "no other thread computes");
            thread::yield_now();
        }
    }

    #[tokio::test]
    async fn threads_and_a_pool_compute_while_the_runtime_is_blocked() {
        let sum = Sum::new(1_000);
        let block = block_until_one_computes(&sum);
        let (sums, ()) = tokio::join!(biased; on_threads(&sum), block);
        assert_eq!(sums.unwrap(), [1_498_500; JOBS]);

        let (pool, sum) = (ComputePool::new(2).unwrap(), Sum::new(1_000));
        let block = block_until_one_computes(&sum);
        let (sums, ()) = tokio::join!(biased; on_a_pool(&pool, &sum), block);
        assert_eq!(sums.unwrap(), [1_498_500; JOBS]);
    }
}
