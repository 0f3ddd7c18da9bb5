//! Dropping a `JoinHandle` does not stop its task; dropping a `JoinSet` or an `AbortOnDropHandle` does.
//!
//! asyncio: a task without a strong reference may be garbage collected before it ends, so programs
//! keep their tasks in a set. Tokio: the runtime holds every task. If its handle is dropped, the
//! task keeps running, and its result is lost. A `TaskTracker` waits for tasks without owning
//! them.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{task::JoinSet, time::sleep};
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

/// Starts tasks in four ways, and returns after 50 ms, while the tasks still run.
pub(crate) async fn run() -> anyhow::Result<()> {
    let leave_at = knob("leave-at", 50.ms(), 10.ms()..=200.ms());
    ask("leave-at=150ms", "how many tasks are dropped?");
    all_starts(leave_at).await;
    Ok(())
}

// ANCHOR: detached
async fn all_starts(leave_at: Duration) {
    let tracker = TaskTracker::new();
    start_and_return(leave_at, &tracker).lane("starter").await;
    tracker.close();
    tracker.wait().await;
    say!("every tracked task has ended");
}

async fn start_and_return(leave_at: Duration, tracker: &TaskTracker) {
    let _handle = tokio::spawn(work().lane("plain task"));
    let mut set = JoinSet::new();
    set.spawn(work().lane("JoinSet task"));
    let _guard = AbortOnDropHandle::new(tokio::spawn(work().lane("guarded task")));
    tracker.spawn(work().lane("tracked task"));
    tokio::spawn(report(save()).try_lane("saver"));
    sleep(leave_at).await;
    say!("returns");
    // `_handle`, `set` and `_guard` are dropped here.
}

/// No code awaits a detached task, so the task must report its own failure.
async fn report(job: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    job.await.inspect_err(|error| say!("failed: {error}"))
}
// ANCHOR_END: detached

async fn work() {
    sleep(100.ms()).step("working").await;
    say!("is done");
}

async fn save() -> anyhow::Result<()> {
    sleep(80.ms()).step("working").await;
    anyhow::bail!("the disk is full")
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn seen(leave_at: u64) -> Transcript {
        virtual_time(Transcript::of(all_starts(leave_at.ms())))
    }

    #[test]
    fn a_task_outlives_its_dropped_handle_but_not_its_dropped_set() {
        let seen = seen(50);
        seen.assert_at(100.ms(), "plain task is done");
        for lane in ["JoinSet task", "guarded task"] {
            assert!(!seen.to_string().contains(&format!("{lane} is done")), "{seen}");
        }
    }

    #[test]
    fn a_tracker_waits_for_tasks_that_it_does_not_own() {
        let seen = seen(50);
        seen.assert_at(100.ms(), "tracked task is done");
        assert_eq!(seen.elapsed(), 100.ms(), "{seen}");
    }

    #[test]
    fn a_detached_task_reports_its_own_failure() {
        seen(50).assert_at(80.ms(), "saver failed: the disk is full");
    }

    #[test]
    fn a_starter_that_returns_after_its_tasks_aborts_none_of_them() {
        let seen = seen(150);
        let done = seen.lines().iter().filter(|line| line.text == "is done");
        assert_eq!(done.count(), 4, "{seen}");
    }
}
