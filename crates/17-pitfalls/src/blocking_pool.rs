//! The threads for blocking calls are finite, and a runtime that is dropped waits for those it started.
//!
//! asyncio: `to_thread` has `min(32, cores + 4)` threads, so on two cores the seventh call waits,
//! and `asyncio.run` waits at its end even for calls that were given up. Tokio: up to 512 threads,
//! shared with `tokio::fs` and the look-up of names, which a small limit makes wait as well. A
//! dropped runtime waits too; `shutdown_background` does not, and `shutdown_timeout` waits a while.
#![cfg(not(target_family = "wasm"))]

use std::{thread, time::Instant};

use async_kit::{Millis, say};
use tokio::{
    runtime::{Builder, Runtime},
    task::spawn_blocking,
    time::timeout,
};

use crate::gauge::Gauge;

/// Twelve calls of 50 ms in two pools; then a call of 200 ms is given up, and its runtime ends.
pub(crate) async fn run() -> anyhow::Result<()> {
    for threads in [2, 512] {
        let start = Instant::now();
        // On a thread without a runtime: one cannot be started inside another.
        let nap = || thread::sleep(50.ms());
        let peak = spawn_blocking(move || twelve_calls(threads, nap)).await??;
        let took = start.elapsed().as_millis();
        say!("at most {threads} threads: 12 calls in {took} ms, {peak} at once");
    }
    let ways: [(_, fn(Runtime)); 2] =
        [("dropped", drop), ("shutdown_background", Runtime::shutdown_background)];
    for (way, end) in ways {
        let start = Instant::now();
        let long = || thread::sleep(200.ms());
        spawn_blocking(move || give_up(long, end)).await??;
        say!("{way}: the runtime is gone after {} ms", start.elapsed().as_millis());
    }
    Ok(())
}

// ANCHOR: blocking_pool
/// How many calls were running at once.
fn twelve_calls<C>(threads: usize, call: C) -> anyhow::Result<usize>
where
    C: Fn() + Clone + Send + 'static,
{
    let runtime = Builder::new_current_thread().max_blocking_threads(threads).build()?;
    let busy = Gauge::default();
    let start = |_| {
        let (busy, call) = (busy.clone(), call.clone());
        runtime.spawn_blocking(move || {
            let _inside = busy.enter();
            call();
        })
    };
    for call in (0..12).map(start).collect::<Vec<_>>() {
        runtime.block_on(call)?;
    }
    Ok(busy.peak())
}

fn give_up(
    call: impl FnOnce() + Send + 'static,
    end: impl FnOnce(Runtime),
) -> anyhow::Result<()> {
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let limited =
        runtime.block_on(async { timeout(20.ms(), spawn_blocking(call)).await });
    anyhow::ensure!(limited.is_err(), "the call was over before it could be given up");
    end(runtime);
    Ok(())
}
// ANCHOR_END: blocking_pool

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
            mpsc,
        },
        time::Duration,
    };

    use super::*;

    /// Bounds each wait for a thread: arbitrary, and far beyond what any machine needs.
    const PLENTY: Duration = Duration::from_secs(60);

    #[test]
    fn a_pool_of_two_never_runs_three_calls_at_once() {
        let peak = twelve_calls(2, thread::yield_now).unwrap();
        assert!((1..=2).contains(&peak), "{peak}");
    }

    #[test]
    fn the_default_pool_runs_twelve_calls_at_once() {
        let here = Arc::new(AtomicUsize::new(0));
        // None leaves before all twelve are there. A `Barrier` would wait without a bound.
        let meet = move || {
            here.fetch_add(1, SeqCst);
            let start = Instant::now();
            while here.load(SeqCst) < 12 {
                assert!(start.elapsed() < PLENTY, "{here:?} of 12 came");
                thread::yield_now();
            }
        };
        assert_eq!(twelve_calls(512, meet).unwrap(), 12);
    }

    /// A call that ends after `go`, the word to it, and whether it has ended.
    fn stubborn() -> (impl FnOnce() + Send, mpsc::Sender<()>, Arc<AtomicBool>) {
        let (go, may_go) = mpsc::channel();
        let ended = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&ended);
        let call = move || {
            may_go.recv_timeout(PLENTY).expect("the test says go");
            end.store(true, SeqCst);
        };
        (call, go, ended)
    }

    #[test]
    fn a_dropped_runtime_waits_for_a_call_that_was_given_up() {
        let (call, go, ended) = stubborn();
        let end = |runtime: Runtime| {
            go.send(()).unwrap();
            drop(runtime);
        };
        give_up(call, end).unwrap();
        assert!(ended.load(SeqCst), "the runtime is gone, and its thread is not");
    }

    #[test]
    fn a_shutdown_in_the_background_waits_for_no_call() {
        let (call, go, ended) = stubborn();
        give_up(call, Runtime::shutdown_background).unwrap();
        assert!(!ended.load(SeqCst), "nobody has said go");
        go.send(()).unwrap();
    }
}
