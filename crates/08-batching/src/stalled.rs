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

/// Each job asks and then reads an answer, 10 ms each; the loop stores a result for 50 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let jobs = knob("jobs", 3, 1..=10);
    tokio::spawn(as_tasks(jobs).lane("tasks")).await??;
    tokio::spawn(as_futures(jobs).lane("futures")).await?;
    Ok(())
}

// ANCHOR: stalled
async fn as_tasks(jobs: usize) -> anyhow::Result<()> {
    let tasks = stream::iter(0..jobs)
        .map(|n| AbortOnDropHandle::new(tokio::spawn(job().lane(format!("task-{n}")))));
    let mut answers = tasks.buffered(2);
    while let Some(answer) = answers.next().await {
        store(answer?).await;
    }
    Ok(())
}

async fn as_futures(jobs: usize) {
    let futures = stream::iter(0..jobs).map(|n| job().lane(format!("future-{n}")));
    let mut answers = futures.buffered(2);
    while let Some(answer) = answers.next().await {
        store(answer).await;
    }
}

async fn job() -> &'static str {
    sleep(10.ms()).step("asking").await;
    say!("asked");
    sleep(10.ms()).step("reading").await;
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
    /// 0   20            70  90         120 140
    /// 0 ███ storing 0 ──
    /// 1 ███              storing 1 ─────
    /// 2                 ████            storing 2        as a task
    /// 2                 ░░░░░░░░░░░░░░░░████ storing 2   as a future
    /// ```
    #[test]
    fn a_task_goes_on_while_the_loop_stores_the_answer_before_it() {
        let seen = virtual_time(Transcript::of(as_tasks(3)));
        seen.assert_at(80.ms(), "task-2 asked");
        seen.assert_at(90.ms(), "task-2 has the answer");
        assert_eq!(seen.elapsed(), 170.ms(), "{seen}");
    }

    #[test]
    fn a_future_does_not_even_start_until_the_loop_comes_back() {
        let seen = virtual_time(Transcript::of(as_futures(3)));
        seen.assert_at(130.ms(), "future-2 asked");
        seen.assert_at(140.ms(), "future-2 has the answer");
        assert_eq!(seen.elapsed(), 190.ms(), "{seen}");
    }
}
