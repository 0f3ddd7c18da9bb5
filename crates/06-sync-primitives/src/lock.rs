//! A lock held across an await admits one task at a time, in FIFO order.
//!
//! asyncio: `async with lock`. Tokio: `let held = lock.lock().await`, and dropping the guard
//! releases the lock, also when its task is cancelled. Neither lock has a timeout parameter: put a
//! timeout around the wait. A waiter that times out leaves the wait queue.

use std::sync::Arc;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    sync::Mutex,
    time::{sleep, timeout},
};

/// Each task holds the lock for 100 ms. One more task waits for it with a timeout of 250 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let tasks = knob("tasks", 5, 1..=20);
    ask("tasks=2", "does the task with timeout enter now?");
    take_turns(tasks).await
}

// ANCHOR: lock
async fn take_turns(tasks: usize) -> anyhow::Result<()> {
    let lock = Arc::new(Mutex::new(()));
    let enter = |n| tokio::spawn(critical(Arc::clone(&lock)).lane(format!("task-{n}")));
    let tasks: Vec<_> = (0..tasks).map(enter).collect();
    let limited = enter_with_timeout(Arc::clone(&lock)).lane("task with timeout");
    let limited = tokio::spawn(limited);
    for task in tasks {
        task.await?;
    }
    Ok(limited.await?)
}

async fn critical(lock: Arc<Mutex<()>>) {
    let _held = lock.lock().await;
    say!("enters");
    sleep(100.ms()).step("holding the lock").await;
    say!("leaves");
}

async fn enter_with_timeout(lock: Arc<Mutex<()>>) {
    match timeout(250.ms(), lock.lock()).await {
        Ok(_held) => say!("enters before its timeout"),
        Err(_) => say!("times out"),
    }
}
// ANCHOR_END: lock

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn five_tasks_enter_and_leave_one_at_a_time_in_fifo_order() {
        virtual_time(async {
            let seen = Transcript::of(take_turns(5)).await;
            let pairs = (0..5).flat_map(|n| {
                [
                    (n * 100, format!("task-{n} enters")),
                    (n * 100 + 100, format!("task-{n} leaves")),
                ]
            });
            for (at, line) in pairs {
                seen.assert_at(at.ms(), &line);
            }
            assert_eq!(seen.recording().peak("holding the lock"), 1, "{seen}");
            assert_eq!(seen.elapsed(), 500.ms(), "{seen}");
        });
    }

    #[test]
    fn a_wait_with_a_timeout_ends_at_the_timeout_or_with_the_lock() {
        virtual_time(async {
            let seen = Transcript::of(take_turns(5)).await;
            seen.assert_at(250.ms(), "task with timeout times out");
            let seen = Transcript::of(take_turns(2)).await;
            seen.assert_at(200.ms(), "task with timeout enters before its timeout");
        });
    }

    #[test]
    fn a_cancelled_holder_releases_the_lock() {
        virtual_time(async {
            let lock = Arc::new(Mutex::new(()));
            let holder = tokio::spawn(critical(lock.clone()));
            sleep(50.ms()).await;
            assert!(lock.try_lock().is_err(), "the holder holds it");
            holder.abort();
            assert!(holder.await.is_err_and(|error| error.is_cancelled()));
            assert!(lock.try_lock().is_ok(), "the lock is free");
        });
    }

    /// ```text
    /// 0                    250 260      360
    /// test              ███████
    /// task with timeout ░░░░░✗
    /// next task         ░░░░░░░█████████✓
    /// ```
    #[test]
    fn a_waiter_that_times_out_leaves_the_wait_queue() {
        virtual_time(async {
            let lock = Arc::new(Mutex::new(()));
            let held = Arc::clone(&lock).lock_owned().await;
            let seen = Transcript::of(async move {
                let limited = enter_with_timeout(Arc::clone(&lock));
                tokio::spawn(limited.lane("task with timeout"));
                let next = tokio::spawn(critical(Arc::clone(&lock)).lane("next task"));
                sleep(260.ms()).await;
                drop(held);
                next.await.expect("it does not panic");
            });
            seen.await.assert_lines([
                "[  0.250s] task with timeout times out",
                "[  0.260s] next task enters",
                "[  0.360s] next task leaves",
            ]);
        });
    }
}
