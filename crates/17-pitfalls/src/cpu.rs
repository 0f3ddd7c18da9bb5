//! A computation on the runtime stops every task; on threads of its own it stops none.
//!
//! asyncio: a process pool, because of the GIL. Rust: threads compute at the same moment.
//! `spawn_blocking` uses up to 512 of them, which suits threads that wait; computations then
//! compete for a few cores. A rayon pool has one thread per core if you name no other number, and
//! the rest waits in line.
#![cfg(not(target_family = "wasm"))]

use std::{hint::black_box, time::Instant};

use anyhow::Context;
use async_kit::{Lane, say};
use tokio::task::spawn_blocking;

use crate::{
    crew::Crew,
    gauge::Gauge,
    heart::{Pulse, beside},
};

const JOBS: usize = 4;

/// The same computation four times over, in three places, beside a heart.
pub(crate) async fn run() -> anyhow::Result<()> {
    let (start, sum) = (Instant::now(), Sum::new(10_000_000));
    let (sums, pulse) = beside(on_the_runtime(&sum)).await;
    report("on the runtime", start, &sum, &sums?, pulse);

    let (start, sum) = (Instant::now(), Sum::new(10_000_000));
    let (sums, pulse) = beside(on_threads(&sum)).await;
    report("spawn_blocking", start, &sum, &sums?, pulse);

    // Two, so that a line forms on every machine; by default there is one per core.
    let crew = Crew::new(2)?;
    let (start, sum) = (Instant::now(), Sum::new(10_000_000));
    let (sums, pulse) = beside(on_a_crew(&crew, &sum)).await;
    report("rayon", start, &sum, &sums?, pulse);
    Ok(())
}

fn report(place: &str, start: Instant, sum: &Sum, sums: &[u64], pulse: Pulse) {
    let (took, pause) = (start.elapsed().as_millis(), pulse.longest_pause.as_millis());
    let (times, at_once) = (sums.len(), sum.busy.peak());
    say!("{place}: {times} times {} in {took} ms", sums[0]);
    say!("{place}: {at_once} at once, and the heart paused for {pause} ms");
}

// ANCHOR: cpu
async fn on_the_runtime(sum: &Sum) -> anyhow::Result<Vec<u64>> {
    each("wrong", || {
        let sum = sum.clone();
        async move { Ok(sum.compute("abc")) }.step("blocking the runtime")
    })
    .await
}

async fn on_threads(sum: &Sum) -> anyhow::Result<Vec<u64>> {
    each("thread", || {
        let sum = sum.clone();
        let sum = spawn_blocking(move || sum.compute("abc"));
        async { sum.await.context("the computation panicked") }
    })
    .await
}

async fn on_a_crew(crew: &Crew, sum: &Sum) -> anyhow::Result<Vec<u64>> {
    each("rayon", || {
        let sum = sum.clone();
        let sum = crew.spawn(move |_| sum.compute("abc"));
        async { sum.await.context("the computation panicked") }
    })
    .await
}
// ANCHOR_END: cpu

#[derive(Clone)]
struct Sum {
    of: u64,
    busy: Gauge,
}

impl Sum {
    fn new(of: u64) -> Self {
        Self { of, busy: Gauge::default() }
    }

    fn compute(&self, data: &str) -> u64 {
        let _inside = self.busy.enter();
        let (mut sum, mut number) = (0, 0);
        // In a debug build an iterator would take several times as long, and in a release build
        // the compiler would put the formula here, if it could see the number.
        while number < self.of {
            sum += black_box(number) * data.len() as u64;
            number += 1;
        }
        sum
    }
}

/// Starts every job as a task of its own, and collects the results.
async fn each<F>(name: &str, job: impl Fn() -> F) -> anyhow::Result<Vec<u64>>
where
    F: Future<Output = anyhow::Result<u64>> + Send + 'static,
{
    let start = |n| tokio::spawn(job().try_lane(format!("{name}-{n}")));
    let mut sums = Vec::new();
    for task in (1..=JOBS).map(start).collect::<Vec<_>>() {
        sums.push(task.await??);
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use std::{thread, time::Duration};

    use async_kit::virtual_time;

    use super::*;

    /// Bounds each wait for a thread: arbitrary, and far beyond what any machine needs.
    const PLENTY: Duration = Duration::from_secs(60);

    #[test]
    fn the_sum_is_the_one_that_the_formula_gives() {
        assert_eq!(Sum::new(10_000_000).compute("abc"), 149_999_985_000_000);
        assert_eq!(Sum::new(4).compute("ab"), 12);
    }

    #[test]
    fn on_the_runtime_one_computes_at_a_time_and_no_heart_beats() {
        virtual_time(async {
            let sum = Sum::new(1_000);
            let (sums, pulse) = beside(on_the_runtime(&sum)).await;
            assert_eq!(sums.unwrap(), [1_498_500; JOBS]);
            assert_eq!((sum.busy.peak(), pulse.beats), (1, 0), "{pulse:?}");
        });
    }

    #[tokio::test]
    async fn a_crew_of_two_never_computes_more_than_two_at_once() {
        // Long enough for four threads to overlap, if there were four.
        let (crew, sum) = (Crew::new(2).unwrap(), Sum::new(1_000_000));
        assert_eq!(on_a_crew(&crew, &sum).await.unwrap(), [1_499_998_500_000; JOBS]);
        assert!((1..=2).contains(&sum.busy.peak()), "{:?}", sum.busy);
    }

    /// Keeps the only thread of the runtime busy until somebody computes on another one.
    async fn block_until_one_computes(sum: &Sum) {
        let start = Instant::now();
        while sum.busy.peak() == 0 {
            assert!(start.elapsed() < PLENTY, "nobody computes off the runtime");
            thread::yield_now();
        }
    }

    #[tokio::test]
    async fn threads_and_a_crew_compute_while_the_runtime_can_run_nothing() {
        let sum = Sum::new(1_000);
        let block = block_until_one_computes(&sum);
        let (sums, ()) = tokio::join!(biased; on_threads(&sum), block);
        assert_eq!(sums.unwrap(), [1_498_500; JOBS]);

        let (crew, sum) = (Crew::new(2).unwrap(), Sum::new(1_000));
        let block = block_until_one_computes(&sum);
        let (sums, ()) = tokio::join!(biased; on_a_crew(&crew, &sum), block);
        assert_eq!(sums.unwrap(), [1_498_500; JOBS]);
    }
}
