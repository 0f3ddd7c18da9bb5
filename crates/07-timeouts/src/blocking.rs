//! A timeout cannot interrupt code that does not await.
//!
//! asyncio: `time.sleep(0.2)` inside `asyncio.timeout(0.1)` raises nothing. Tokio: the same; the
//! work has ended before the timer is checked, and `timeout` returns `Ok`. With `spawn_blocking`
//! (`asyncio.to_thread`) the work has its own thread. At the timeout the caller continues, and the
//! thread continues too. Work on a thread ends early only if it checks the deadline.

#![cfg(not(target_family = "wasm"))]

use std::{thread, time::Duration};

use async_kit::{Deadline, Lane, Millis, ask, knob, say};
use tokio::{
    runtime::Handle,
    task::{JoinError, spawn_blocking},
    time::{error::Elapsed, timeout},
};

pub(crate) fn knobs() -> Duration {
    let limit = knob("limit", 100.ms(), 10.ms()..=1.secs());
    ask("limit=300ms", "does the timeout `on a thread` still expire?");
    limit
}

/// Ten chunks of 20 ms each, with a timeout of 100 ms.
pub(crate) async fn run(limit: Duration) -> anyhow::Result<()> {
    say!("the work: ten chunks of 20 ms each");
    match on_a_thread(limit, in_lane("on a thread", ten_chunks)).await {
        Ok(chunks) => say!("on a thread: {} chunks, and no timeout error", chunks?),
        Err(_) => say!("on a thread: the timeout expired, and the thread continues"),
    }

    let deadline = Deadline::after(limit);
    let checking = in_lane("checking thread", move || chunks_until(deadline));
    say!(
        "checking thread: stopped itself after {} chunks",
        spawn_blocking(checking).await?
    );

    let blocked = in_the_task(limit, ten_chunks).step("blocking").lane("in the task");
    match blocked.await {
        Ok(chunks) => say!("in the task: {chunks} chunks, and no timeout error"),
        Err(_) => say!("in the task: the timeout expired"),
    }
    Ok(())
}

// ANCHOR: blocking
async fn in_the_task<W>(limit: Duration, work: W) -> Result<usize, Elapsed>
where
    W: FnOnce() -> usize,
{
    timeout(limit, async { work() }).await
}

async fn on_a_thread<W>(
    limit: Duration,
    work: W,
) -> Result<Result<usize, JoinError>, Elapsed>
where
    W: FnOnce() -> usize + Send + 'static,
{
    timeout(limit, spawn_blocking(work)).await
}

fn ten_chunks() -> usize {
    (0..10).map(|_| chunk()).count()
}

fn chunks_until(deadline: Deadline) -> usize {
    let mut chunks = 0;
    while !deadline.has_passed() {
        chunk();
        chunks += 1;
    }
    chunks
}

fn chunk() {
    thread::sleep(20.ms());
}
// ANCHOR_END: blocking

/// A lane needs a future, so the work is wrapped in a future that is ready at its first poll.
fn in_lane<W>(name: &'static str, work: W) -> impl FnOnce() -> usize
where
    W: FnOnce() -> usize + Send,
{
    move || Handle::current().block_on(async { work() }.step("blocking").lane(name))
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Instant};

    use tokio::sync::oneshot;

    use super::*;

    /// Limits each wait for a thread. Arbitrary: much longer than any machine needs.
    const TEST_LIMIT: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn blocking_work_ends_before_its_timeout_is_checked() {
        let started = Instant::now();
        let work = move || {
            while started.elapsed() < 20.ms() {}
            7
        };
        assert_eq!(in_the_task(1.ms(), work).await, Ok(7));
        assert!(started.elapsed() > 1.ms(), "the work took longer than its timeout");
    }

    #[tokio::test]
    async fn the_timeout_frees_the_caller_but_does_not_stop_the_thread() {
        let (start, may_start) = mpsc::channel();
        let (end, ended) = oneshot::channel();
        let work = move || {
            may_start.recv_timeout(TEST_LIMIT).expect("the caller sends the start");
            end.send("to its end").expect("the caller receives");
            7
        };
        assert!(on_a_thread(1.ms(), work).await.is_err(), "the caller waited");
        start.send(()).expect("the thread still receives");
        assert_eq!(timeout(TEST_LIMIT, ended).await, Ok(Ok("to its end")));
    }

    #[tokio::test]
    async fn work_that_checks_the_deadline_stops_itself() {
        let deadline = Deadline::after(10.ms());
        let chunks = on_a_thread(TEST_LIMIT, move || chunks_until(deadline)).await;
        assert!(deadline.has_passed());
        assert!(matches!(chunks, Ok(Ok(0..=1))), "a chunk takes 20 ms: {chunks:?}");
    }
}
