//! While the loop body awaits, a buffered future stands still; a spawned task goes on.
//!
//! A future runs only while somebody polls it, and `buffered` polls only inside `next().await`. So
//! a slow loop body stops every job of the window, in the middle of whatever it does: a server
//! that waits for the rest of a request may well hang up. In asyncio the window holds tasks, which
//! run by themselves; `tokio::spawn` in the `map` makes tasks of these jobs, too.

use async_kit::{Lane, Millis, knob, say};
use futures::{StreamExt, stream};
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

/// Each job asks and then reads an answer, and job 1 asks for long; to store one takes 50 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let jobs = knob("jobs", 4, 1..=10);
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
    // So that job 1 is in the middle of it when the loop begins to store the answer of job 0.
    let asks = if n == 1 { 40.ms() } else { 10.ms() };
    sleep(asks).step("asking").await;
    say!("asked");
    sleep(15.ms()).step("reading").await;
    say!("has the answer");
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
    /// 1 ███████····· ······████✓ storing 1 ──            as a future: still asks at 75
    /// 3                                        ·····███  in the window at 140, begins at 190
    /// ```
    #[test]
    fn a_task_works_on_while_the_loop_stores_the_answer_before_it() {
        let seen = virtual_time(Transcript::of(as_tasks(4).lane("tasks")));
        seen.assert_at(25.ms(), "tasks stores an answer");
        seen.assert_at(40.ms(), "task-1 asked");
        seen.assert_at(55.ms(), "task-1 has the answer");
        seen.assert_at(75.ms(), "tasks stores an answer");
        assert_eq!(seen.elapsed(), 225.ms(), "{seen}");
    }

    #[test]
    fn a_future_stands_still_in_the_middle_while_the_loop_stores_the_answer_before_it() {
        let seen = virtual_time(Transcript::of(as_futures(4).lane("futures")));
        seen.assert_at(25.ms(), "futures stores an answer");
        // Due at 40, and only then can it begin to read.
        seen.assert_at(75.ms(), "future-1 asked");
        seen.assert_at(90.ms(), "future-1 has the answer");
        assert_eq!(seen.elapsed(), 265.ms(), "{seen}");
    }

    #[test]
    fn a_future_in_the_window_does_not_even_start_until_the_loop_comes_back() {
        let seen = virtual_time(Transcript::of(as_futures(4).lane("futures")));
        seen.assert_at(140.ms(), "futures stores an answer");
        seen.assert_at(200.ms(), "future-3 asked");
        seen.assert_at(215.ms(), "future-3 has the answer");
    }
}
