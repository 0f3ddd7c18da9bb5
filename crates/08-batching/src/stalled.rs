//! While the loop body awaits, a buffered future makes no progress, but a spawned task does.
//!
//! A future runs only while it is polled, and `buffered` polls only inside `next().await`. So a
//! slow loop body stops every job of the window, in the middle of its work: a server that waits for
//! the rest of a request may close the connection. In asyncio the window holds tasks, which run by
//! themselves; `tokio::spawn` in the `map` turns these jobs into tasks too.

use async_kit::{Lane, Millis, ask, knob, say};
use futures::{StreamExt, stream};
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

/// Each job sends a request and then reads the answer. Job 1 needs 40 ms to send its request. Storing
/// an answer takes 50 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let jobs = knob("jobs", 4, 1..=10);
    ask("jobs=1", "do the tasks still need less time than the futures?");
    tokio::spawn(as_tasks(jobs).lane("tasks")).await??;
    tokio::spawn(as_futures(jobs).lane("futures")).await?;
    Ok(())
}

// ANCHOR: stalled
async fn as_tasks(jobs: usize) -> anyhow::Result<()> {
    let tasks = stream::iter(0..jobs)
        .map(|n| AbortOnDropHandle::new(tokio::spawn(job(n).lane(format!("task-{n}")))));
    let mut answers = tasks.buffered(2);
    while let Some(answer) = answers.next().await {
        store(answer?).await;
    }
    Ok(())
}

async fn as_futures(jobs: usize) {
    let futures = stream::iter(0..jobs).map(|n| job(n).lane(format!("future-{n}")));
    let mut answers = futures.buffered(2);
    while let Some(answer) = answers.next().await {
        store(answer).await;
    }
}

async fn job(n: usize) -> &'static str {
    // Job 1 is still sending when the loop starts to store the answer of job 0.
    let sends = if n == 1 { 40.ms() } else { 10.ms() };
    sleep(sends).step("sending").await;
    say!("request sent");
    sleep(15.ms()).step("reading").await;
    say!("answer read");
    "an answer"
}

async fn store(answer: &str) {
    say!("stores {answer}");
    sleep(50.ms()).step("storing").await;
}
// ANCHOR_END: stalled

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    /// 0     25    40  55   75    90       140       190
    /// 0 █████ storing 0 ────
    /// 1 ████████████████✓            storing 1           as a task
    /// 1 ███████····· ······████✓ storing 1 ──            as a future: still sends at 75
    /// 3                                        ·····███  in the window at 140, starts at 190
    /// ```
    #[test]
    fn a_task_makes_progress_while_the_loop_stores_an_answer() {
        let seen = virtual_time(Transcript::of(as_tasks(4).lane("tasks")));
        seen.assert_at(25.ms(), "tasks stores an answer");
        seen.assert_at(40.ms(), "task-1 request sent");
        seen.assert_at(55.ms(), "task-1 answer read");
        seen.assert_at(75.ms(), "tasks stores an answer");
        assert_eq!(seen.elapsed(), 225.ms(), "{seen}");
    }

    #[test]
    fn a_future_makes_no_progress_while_the_loop_stores_an_answer() {
        let seen = virtual_time(Transcript::of(as_futures(4).lane("futures")));
        seen.assert_at(25.ms(), "futures stores an answer");
        // Its timer expires at 40 ms. But the future is polled only at 75 ms, and then starts to read.
        seen.assert_at(75.ms(), "future-1 request sent");
        seen.assert_at(90.ms(), "future-1 answer read");
        assert_eq!(seen.elapsed(), 265.ms(), "{seen}");
    }

    #[test]
    fn a_future_in_the_window_starts_only_when_the_loop_calls_next() {
        let seen = virtual_time(Transcript::of(as_futures(4).lane("futures")));
        seen.assert_at(140.ms(), "futures stores an answer");
        seen.assert_at(200.ms(), "future-3 request sent");
        seen.assert_at(215.ms(), "future-3 answer read");
    }
}
