//! A call that blocks its thread stops all other tasks on it, and two such calls do not overlap.
//!
//! asyncio and Tokio behave the same: `time.sleep` in a coroutine blocks the thread, like any other
//! call that does not await. If there is an asynchronous call, await it. If there is none,
//! `spawn_blocking` runs the blocking call on another thread, as `asyncio.to_thread` does. With
//! `--threads 4` the wrong version looks fine, until four tasks block at the same time.
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

use crate::heartbeat::{Heartbeat, beside};

const CALL: Duration = Duration::from_millis(100);

/// Two calls of 100 ms run beside a heartbeat that is due every 20 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let start = Instant::now();
    let (done, heartbeat) = beside(both("wrong", || async { block() })).await;
    report("blocked in the task", start, heartbeat, done)?;

    let start = Instant::now();
    let (done, heartbeat) = beside(both("right", || sleep(CALL))).await;
    report("awaited", start, heartbeat, done)?;

    let start = Instant::now();
    let (done, heartbeat) = beside(both("on-a-thread", || on_a_thread(block))).await;
    report("blocked on another thread", start, heartbeat, done)
}

fn report(
    version: &str,
    start: Instant,
    heartbeat: Heartbeat,
    done: Result<(), JoinError>,
) -> anyhow::Result<()> {
    let took = start.elapsed().as_millis();
    let (beats, pause) = (heartbeat.beats, heartbeat.longest_pause.as_millis());
    say!("{version}: {took} ms, {beats} heartbeats, longest pause {pause} ms");
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

fn block() {
    thread::sleep(CALL);
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use async_kit::{Millis, Transcript, virtual_time};
    use tokio::sync::oneshot;

    use super::*;

    /// Bounds each wait for a thread. Arbitrary, but much longer than any machine needs.
    const TEST_LIMIT: Duration = Duration::from_secs(60);

    #[test]
    fn a_blocked_runtime_runs_no_other_task_and_an_awaiting_one_runs_all() {
        virtual_time(async {
            // The call takes long enough for a heartbeat, if the thread were free.
            let block = || async {
                let started = Instant::now();
                while started.elapsed() < 25.ms() {}
            };
            let (done, heartbeat) = beside(both("wrong", block)).await;
            done.unwrap();
            assert_eq!(heartbeat.beats, 0, "{heartbeat:?}");
            assert!(heartbeat.longest_pause >= 25.ms(), "{heartbeat:?}");

            let (done, heartbeat) = beside(both("right", || sleep(105.ms()))).await;
            done.unwrap();
            assert_eq!(heartbeat.beats, 5, "{heartbeat:?}");
        });
    }

    #[test]
    fn two_blocking_calls_do_not_overlap_and_two_awaited_ones_do() {
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
    async fn the_runtime_runs_tasks_while_another_thread_blocks() {
        let (start, started) = oneshot::channel();
        let (release, released) = mpsc::channel();
        let blocked = tokio::spawn(on_a_thread(move || {
            start.send(()).expect("the test keeps the receiver");
            released.recv_timeout(TEST_LIMIT).expect("the runtime still runs the test");
        }));
        started.await.unwrap();
        release.send(()).unwrap();
        blocked.await.unwrap();
    }
}
