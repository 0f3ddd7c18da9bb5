//! Aborting a task that has finished changes nothing: its handle still returns the value.
//!
//! asyncio: `cancel()` returns `False` for a task that is done. A running task receives a
//! `CancelledError`, which it may swallow. Tokio: `abort` returns nothing; await the handle to learn
//! how the task ended. A running task is dropped at its next `.await` and cannot prevent it. If a task
//! is aborted before its first poll, it never runs.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{task::JoinHandle, time::sleep};

/// Aborts three tasks: one has finished, one sleeps, and one has not started (on one thread).
pub(crate) async fn run() -> anyhow::Result<()> {
    let abort_at = knob("abort-at", 100.ms(), 1.ms()..=290.ms());
    ask("abort-at=250ms", "does the task `long` still return its value?");
    abort_three(abort_at).await;
    Ok(())
}

// ANCHOR: abort
async fn abort_three(abort_at: Duration) {
    let short = tokio::spawn(work(50.ms()).lane("short"));
    let long = tokio::spawn(work(300.ms()).lane("long"));
    sleep(abort_at).await;
    let unstarted = tokio::spawn(work(10.ms()).lane("unstarted"));
    let tasks = [("short", short), ("long", long), ("unstarted", unstarted)];
    tasks.iter().for_each(|(_, task)| task.abort());
    say!("all three are asked to stop");
    for (name, task) in tasks {
        say!("{name}: {}", outcome(task).await);
    }
}

async fn outcome(task: JoinHandle<u32>) -> String {
    match task.await {
        Ok(value) => format!("returned {value}"),
        Err(error) if error.is_cancelled() => "was cancelled".into(),
        Err(error) => format!("panicked, {error}"),
    }
}

async fn work(takes: Duration) -> u32 {
    say!("starts");
    let _cleanup = Cleanup;
    sleep(takes).step("working").await;
    42
}

struct Cleanup;

impl Drop for Cleanup {
    fn drop(&mut self) {
        say!("cleans up");
    }
}
// ANCHOR_END: abort

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn aborting_a_finished_task_does_not_lose_its_value() {
        virtual_time(async {
            for (abort_at, wanted) in
                [(1, "was cancelled"), (49, "was cancelled"), (51, "returned 42")]
            {
                let seen = Transcript::of(abort_three(abort_at.ms())).await;
                seen.assert_at(abort_at.ms(), &format!("short: {wanted}"));
            }
        });
    }

    #[test]
    fn a_task_aborted_before_its_first_poll_never_runs() {
        virtual_time(async {
            let seen = Transcript::of(abort_three(100.ms())).await;
            seen.assert_at(100.ms(), "unstarted: was cancelled");
            assert!(!seen.to_string().contains("unstarted starts"), "{seen}");
        });
    }

    #[test]
    fn an_aborted_task_is_dropped_after_abort_has_returned() {
        virtual_time(async {
            let seen = Transcript::of(abort_three(100.ms())).await;
            let lines: Vec<_> = seen.lines().iter().map(|line| &*line.text).collect();
            let asked = lines.iter().position(|line| line.starts_with("all three"));
            let cleanup = lines.iter().rposition(|line| *line == "cleans up");
            assert!(asked.is_some() && asked < cleanup, "{seen}");
        });
    }
}
