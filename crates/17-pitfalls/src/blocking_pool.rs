//! The number of threads for blocking calls is limited, and a dropped runtime waits for running calls.
//!
//! asyncio: `to_thread` has `min(32, cores + 4)` threads, so on two cores the seventh call waits. At
//! its end `asyncio.run` waits for running calls, even if their callers timed out. Tokio: up to 512
//! threads, shared with `tokio::fs` and DNS look-ups, so with a small limit these wait too. A dropped
//! runtime also waits for running calls. `shutdown_background` does not wait, and `shutdown_timeout`
//! waits for a limited time.
#![cfg(not(target_family = "wasm"))]

use std::{thread, time::Instant};

use async_kit::{Millis, say};
use tokio::{
    runtime::{Builder, Runtime},
    task::spawn_blocking,
    time::timeout,
};

use crate::gauge::Gauge;

/// Twelve calls of 50 ms in two pools; then a call of 200 ms times out, and its runtime shuts down.
pub(crate) async fn run() -> anyhow::Result<()> {
    for threads in [2, 512] {
        let start = Instant::now();
        // It runs on a blocking thread, because `block_on` panics on a thread that runs tasks.
        let block = || thread::sleep(50.ms());
        let peak = spawn_blocking(move || twelve_calls(threads, block)).await??;
        let took = start.elapsed().as_millis();
        say!(
            "at most {threads} threads: 12 calls in {took} ms, at most {peak} in flight"
        );
    }
    let shutdowns: [(_, fn(Runtime)); 2] =
        [("dropped", drop), ("shutdown_background", Runtime::shutdown_background)];
    for (name, shut_down) in shutdowns {
        let start = Instant::now();
        let block = || thread::sleep(200.ms());
        spawn_blocking(move || time_out(block, shut_down)).await??;
        say!("{name}: the runtime is shut down after {} ms", start.elapsed().as_millis());
    }
    Ok(())
}

// ANCHOR: blocking_pool
/// Returns the largest number of calls in flight.
fn twelve_calls<C>(threads: usize, call: C) -> anyhow::Result<usize>
where
    C: Fn() + Clone + Send + 'static,
{
    let runtime = Builder::new_current_thread().max_blocking_threads(threads).build()?;
    let busy = Gauge::default();
    let start = |_| {
        let (busy, call) = (busy.clone(), call.clone());
        runtime.spawn_blocking(move || {
            let _in_flight = busy.enter();
            call();
        })
    };
    for call in (0..12).map(start).collect::<Vec<_>>() {
        runtime.block_on(call)?;
    }
    Ok(busy.peak())
}

/// Starts `call`, stops waiting for it after 20 ms, and then shuts the runtime down.
fn time_out(
    call: impl FnOnce() + Send + 'static,
    shut_down: impl FnOnce(Runtime),
) -> anyhow::Result<()> {
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let ended = runtime.block_on(async { timeout(20.ms(), spawn_blocking(call)).await });
    anyhow::ensure!(ended.is_err(), "the call ended before its timeout");
    shut_down(runtime);
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

    /// Bounds each wait for a thread. Arbitrary, but much longer than any machine needs.
    const TEST_LIMIT: Duration = Duration::from_secs(60);

    #[test]
    fn a_pool_of_two_threads_never_runs_three_calls_concurrently() {
        let peak = twelve_calls(2, thread::yield_now).unwrap();
        assert!((1..=2).contains(&peak), "{peak}");
    }

    #[test]
    fn the_default_pool_runs_twelve_calls_concurrently() {
        let started = Arc::new(AtomicUsize::new(0));
        // No call returns before all twelve have started. A `Barrier` would wait without a bound.
        let meet = move || {
            started.fetch_add(1, SeqCst);
            let start = Instant::now();
            while started.load(SeqCst) < 12 {
                assert!(
                    start.elapsed() < TEST_LIMIT,
                    "{started:?} of 12 calls have started"
                );
                thread::yield_now();
            }
        };
        assert_eq!(twelve_calls(512, meet).unwrap(), 12);
    }

    /// Returns a call that blocks until it is released, the sender that releases it, and whether
    /// the call has ended.
    fn blocked_call() -> (impl FnOnce() + Send, mpsc::Sender<()>, Arc<AtomicBool>) {
        let (release, released) = mpsc::channel();
        let ended = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&ended);
        let call = move || {
            released.recv_timeout(TEST_LIMIT).expect("the test releases the call");
            end.store(true, SeqCst);
        };
        (call, release, ended)
    }

    #[test]
    fn a_dropped_runtime_waits_for_a_call_that_timed_out() {
        let (call, release, ended) = blocked_call();
        let shut_down = |runtime: Runtime| {
            release.send(()).unwrap();
            drop(runtime);
        };
        time_out(call, shut_down).unwrap();
        assert!(ended.load(SeqCst), "the runtime was dropped before its call ended");
    }

    #[test]
    fn a_shutdown_in_the_background_waits_for_no_call() {
        let (call, release, ended) = blocked_call();
        time_out(call, Runtime::shutdown_background).unwrap();
        assert!(!ended.load(SeqCst), "the call ended before it was released");
        release.send(()).unwrap();
    }
}
