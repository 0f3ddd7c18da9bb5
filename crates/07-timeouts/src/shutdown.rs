//! A graceful shutdown lets jobs end within a grace period, then cancels the rest.
//!
//! asyncio: an `Event`, then `asyncio.wait(tasks, timeout=grace)`, then `cancel` for the rest.
//! Tokio: the end of the runtime drops each task at its current await, so a program writes its own
//! shutdown: a `TaskTracker` waits for the tasks, one token requests their end, and a second token
//! cancels the tasks that have not ended. The second token can cancel a task only at an await. A
//! task on another thread may never reach one, so the wait after the cancellation has a limit too.
//! Then end the runtime with `Runtime::shutdown_timeout`, because dropping the runtime would wait
//! for that thread. (If all tasks share one thread, a task without an await blocks all other tasks.)

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::time::{sleep, timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Jobs of 40 and 130 ms end within the grace period of 200 ms; the job of 600 ms is cancelled.
pub(crate) async fn run() -> anyhow::Result<()> {
    let grace = knob("grace", 200.ms(), 0.ms()..=1.secs());
    ask("grace=70ms", "which workers are cancelled?");
    let workers = Workers::default();
    workers.start("worker-40ms", 40.ms());
    workers.start("worker-130ms", 130.ms());
    workers.start("worker-600ms", 600.ms());
    sleep(150.ms()).await;
    workers.shut_down(grace).await;
    Ok(())
}

// ANCHOR: shutdown
/// Arbitrary: a task that awaits is dropped immediately, and a task that never awaits would not
/// end in an hour either.
const CANCEL_LIMIT: Duration = Duration::from_millis(100);

#[derive(Default)]
struct Workers {
    tasks: TaskTracker,
    stop: CancellationToken,
    cancel: CancellationToken,
}

impl Workers {
    fn start(&self, name: &str, takes: Duration) {
        let work = run_jobs(takes, self.stop.clone()).lane(name);
        self.tasks.spawn(self.cancel.clone().run_until_cancelled_owned(work));
    }

    async fn shut_down(self, grace: Duration) {
        say!("shutting down");
        self.tasks.close();
        self.stop.cancel();
        if timeout(grace, self.tasks.wait()).await.is_ok() {
            return say!("all tasks have ended");
        }
        say!("tasks cancelled: {}", self.tasks.len());
        self.cancel.cancel();
        if timeout(CANCEL_LIMIT, self.tasks.wait()).await.is_err() {
            say!("tasks that do not end: {}", self.tasks.len());
        }
    }
}

async fn run_jobs(takes: Duration, stop: CancellationToken) {
    // The stop is checked only between two jobs, so that each job is completed.
    while !stop.is_cancelled() {
        sleep(takes).step("working").await;
        say!("finishes a job");
    }
}
// ANCHOR_END: shutdown

#[cfg(test)]
mod tests {
    use std::future::pending;

    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    /// 0             40  80  120 150 160   260   350
    /// worker-40ms   ████████████████✓
    /// worker-130ms  ██████████████████████✓
    /// worker-600ms  ████████████████████████████⊘
    ///                           └──── grace ────┘
    /// ```
    #[test]
    fn jobs_end_within_the_grace_period_and_the_rest_is_cancelled_after_it() {
        virtual_time(async {
            let seen = Transcript::of(run()).await;
            seen.assert_lines([
                "[  0.040s] worker-40ms finishes a job",
                "[  0.080s] worker-40ms finishes a job",
                "[  0.120s] worker-40ms finishes a job",
                "[  0.130s] worker-130ms finishes a job",
                "[  0.150s] shutting down",
                "[  0.160s] worker-40ms finishes a job",
                "[  0.260s] worker-130ms finishes a job",
                "[  0.350s] tasks cancelled: 1",
            ]);
            assert_eq!(seen.elapsed(), 350.ms(), "{seen}");
        });
    }

    #[test]
    fn a_task_that_never_ends_does_not_block_the_shutdown() {
        virtual_time(async {
            let seen = Transcript::of(async {
                let workers = Workers::default();
                // This task is spawned without the token, so the cancellation does not end it. A
                // task that never awaits behaves the same.
                workers.tasks.spawn(pending::<()>());
                workers.shut_down(200.ms()).await;
            });
            seen.await.assert_lines([
                "[  0.000s] shutting down",
                "[  0.200s] tasks cancelled: 1",
                "[  0.300s] tasks that do not end: 1",
            ]);
        });
    }

    #[test]
    fn a_shutdown_ends_early_if_all_tasks_end_within_the_grace_period() {
        virtual_time(async {
            let seen = Transcript::of(async {
                let workers = Workers::default();
                workers.start("worker", 40.ms());
                sleep(10.ms()).await;
                workers.shut_down(1.secs()).await;
            });
            seen.await.assert_lines([
                "[  0.010s] shutting down",
                "[  0.040s] worker finishes a job",
                "[  0.040s] all tasks have ended",
            ]);
        });
    }
}
