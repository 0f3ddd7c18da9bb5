//! A call that blocks its thread stops every other task on it, and two such calls take their sum.
//!
//! asyncio: `time.sleep` in a coroutine stands for any call that does not await. Tokio: the same.
//! Where there is an asynchronous call, await it; where there is none, `spawn_blocking` runs the
//! blocking one on another thread, as `asyncio.to_thread` does. With `--threads 4` the wrong way
//! looks fine, until four tasks do it at once.
#![cfg(not(target_family = "wasm"))]

use std::{
    thread,
    time::{Duration, Instant},
};

use async_kit::{Lane, say};
use tokio::{
    task::{JoinError, spawn_blocking},
    time::sleep,
};

use crate::heart::{Pulse, beside};

const CALL: Duration = Duration::from_millis(100);

/// Two calls of 100 ms beside a heart that should beat every 20 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let start = Instant::now();
    let (done, pulse) = beside(both("wrong", || async { nap() })).await;
    report("blocked in the task", start, pulse, done)?;

    let start = Instant::now();
    let (done, pulse) = beside(both("right", || sleep(CALL))).await;
    report("awaited", start, pulse, done)?;

    let start = Instant::now();
    let (done, pulse) = beside(both("on-a-thread", || on_a_thread(nap))).await;
    report("blocked on a thread", start, pulse, done)
}

fn report(
    way: &str,
    start: Instant,
    pulse: Pulse,
    done: Result<(), JoinError>,
) -> anyhow::Result<()> {
    let (took, pause) = (start.elapsed().as_millis(), pulse.longest_pause.as_millis());
    say!("{way}: {took} ms, {} beats, longest pause {pause} ms", pulse.beats);
    Ok(done?)
}

// ANCHOR: blocking
async fn both<F>(name: &str, call: impl Fn() -> F) -> Result<(), JoinError>
where
    F: Future<Output = ()> + Send + 'static,
{
    let start = |n| tokio::spawn(call().step("calling").lane(format!("{name}-{n}")));
    let (first, second) = (start(1), start(2));
    first.await?;
    second.await
}

async fn on_a_thread(call: impl FnOnce() + Send + 'static) {
    spawn_blocking(call).await.expect("the call does not panic");
}
// ANCHOR_END: blocking

fn nap() {
    thread::sleep(CALL);
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use async_kit::{Millis, Transcript, virtual_time};
    use tokio::sync::oneshot;

    use super::*;

    /// Bounds each wait for a thread: arbitrary, and far beyond what any machine needs.
    const PLENTY: Duration = Duration::from_secs(60);

    #[test]
    fn a_blocked_runtime_runs_no_other_task_and_an_awaiting_one_runs_all() {
        virtual_time(async {
            // Long enough for a beat, if anybody could beat.
            let block = || async {
                let started = Instant::now();
                while started.elapsed() < 25.ms() {}
            };
            let (done, pulse) = beside(both("wrong", block)).await;
            done.unwrap();
            assert_eq!(pulse.beats, 0, "{pulse:?}");
            assert!(pulse.longest_pause >= 25.ms(), "{pulse:?}");

            let (done, pulse) = beside(both("right", || sleep(105.ms()))).await;
            done.unwrap();
            assert_eq!(pulse.beats, 5, "{pulse:?}");
        });
    }

    #[test]
    fn two_blocking_calls_take_turns_and_two_awaited_ones_overlap() {
        let call = |wait: Duration| async move {
            say!("starts");
            sleep(wait).await;
            say!("ends");
        };
        let seen = virtual_time(Transcript::of(both("call", move || call(100.ms()))));
        assert_eq!(seen.elapsed(), 100.ms(), "{seen}");
        let block = || async {
            say!("starts");
            say!("ends");
        };
        virtual_time(Transcript::of(both("call", block))).assert_lines([
            "[  0.000s] call-1 starts",
            "[  0.000s] call-1 ends",
            "[  0.000s] call-2 starts",
            "[  0.000s] call-2 ends",
        ]);
    }

    #[tokio::test]
    async fn while_a_thread_blocks_the_runtime_goes_on() {
        let (start, started) = oneshot::channel();
        let (go, may_go) = mpsc::channel();
        let blocked = tokio::spawn(on_a_thread(move || {
            start.send(()).expect("the test listens");
            may_go.recv_timeout(PLENTY).expect("the runtime goes on, and says go");
        }));
        started.await.unwrap();
        go.send(()).unwrap();
        blocked.await.unwrap();
    }
}
