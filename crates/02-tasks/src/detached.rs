//! Dropping a `JoinHandle` lets its task run on: whoever should end it must hold more than that.
//!
//! asyncio: a task that nobody refers to may be collected half-way, so one keeps it in a
//! set. Tokio: the runtime holds every task, and a dropped handle leaves it running,
//! unheard. A `JoinSet` or an `AbortOnDropHandle` aborts on drop; a `TaskTracker` waits for
//! tasks without holding them.

use std::time::Duration;

use async_kit::{Lane, Millis, knob, say};
use tokio::{task::JoinSet, time::sleep};
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

/// Tasks are started in four ways, and after 50 ms their starter leaves.
pub(crate) async fn run() -> anyhow::Result<()> {
    let leave_at = knob("leave-at", 50.ms(), 10.ms()..=200.ms());
    all_starts(leave_at).await;
    Ok(())
}

// ANCHOR: detached
async fn all_starts(leave_at: Duration) {
    let tracker = TaskTracker::new();
    start_and_leave(leave_at, &tracker).lane("starter").await;
    tracker.close();
    tracker.wait().await;
    say!("every tracked task has ended");
}

async fn start_and_leave(leave_at: Duration, tracker: &TaskTracker) {
    let _handle = tokio::spawn(work().lane("plain handle"));
    let mut set = JoinSet::new();
    set.spawn(work().lane("in a JoinSet"));
    let _guard = AbortOnDropHandle::new(tokio::spawn(work().lane("abort on drop")));
    tracker.spawn(work().lane("tracked"));
    tokio::spawn(report(save()).try_lane("saver"));
    sleep(leave_at).await;
    say!("leaves");
    // Here `_handle`, `set` and `_guard` are dropped.
}

/// Nobody will ever look at the result of a detached task, so it must speak for itself.
async fn report(job: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    job.await.inspect_err(|error| say!("failed: {error}"))
}
// ANCHOR_END: detached

async fn work() {
    sleep(100.ms()).step("working").await;
    say!("done");
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
        seen.assert_at(100.ms(), "plain handle done");
        for lane in ["in a JoinSet", "abort on drop"] {
            assert!(!seen.to_string().contains(&format!("{lane} done")), "{seen}");
        }
    }

    #[test]
    fn a_tracker_waits_for_tasks_it_does_not_hold() {
        let seen = seen(50);
        seen.assert_at(100.ms(), "tracked done");
        assert_eq!(seen.elapsed(), 100.ms(), "{seen}");
    }

    #[test]
    fn a_detached_failure_is_heard_because_the_task_says_so_itself() {
        seen(50).assert_at(80.ms(), "saver failed: the disk is full");
    }

    #[test]
    fn whoever_leaves_late_aborts_nothing() {
        let seen = seen(150);
        let done = seen.lines().iter().filter(|line| line.text == "done");
        assert_eq!(done.count(), 4, "{seen}");
    }
}
