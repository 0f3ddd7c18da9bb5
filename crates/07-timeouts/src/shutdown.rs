//! A graceful shutdown lets a job end within its grace, and cuts off the rest.
//!
//! asyncio: an `Event`, then `asyncio.wait(tasks, timeout=grace)`, then `cancel` for the rest.
//! Tokio: the end of the runtime drops tasks where they stand, so the shutdown is written: a
//! `TaskTracker` that waits for them, a token that asks them to end, and a second one that cuts
//! off who has not. Even that cuts a task off only where it awaits, so the last wait has a limit,
//! for tasks on other threads. After it end the runtime with `Runtime::shutdown_timeout`, because
//! its drop would wait for such a thread. (On one thread such a task stops every other.)

use std::time::Duration;

use async_kit::{Lane, Millis, knob, say};
use tokio::time::{sleep, timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Jobs of 40 and 130 ms end within the grace of 200 ms; the one of 600 ms is cut off.
pub(crate) async fn run() -> anyhow::Result<()> {
    let grace = knob("grace", 200.ms(), 0.ms()..=1.secs());
    let workers = Workers::default();
    workers.start("quick", 40.ms());
    workers.start("steady", 130.ms());
    workers.start("stubborn", 600.ms());
    sleep(150.ms()).await;
    workers.shut_down(grace).await;
    Ok(())
}

// ANCHOR: shutdown
/// Arbitrary: who awaits is dropped at once, and who never does will not in an hour.
const AFTER_THE_CUT: Duration = Duration::from_millis(100);

#[derive(Default)]
struct Workers {
    tasks: TaskTracker,
    stop: CancellationToken,
    cut: CancellationToken,
}

impl Workers {
    fn start(&self, name: &str, takes: Duration) {
        let work = jobs(takes, self.stop.clone()).lane(name);
        self.tasks.spawn(self.cut.clone().run_until_cancelled_owned(work));
    }

    async fn shut_down(self, grace: Duration) {
        say!("shutting down");
        self.tasks.close();
        self.stop.cancel();
        if timeout(grace, self.tasks.wait()).await.is_ok() {
            return say!("all ended by themselves");
        }
        say!("{} cut off", self.tasks.len());
        self.cut.cancel();
        if timeout(AFTER_THE_CUT, self.tasks.wait()).await.is_err() {
            say!("{} never let go", self.tasks.len());
        }
    }
}

async fn jobs(takes: Duration, stop: CancellationToken) {
    // Asked between two jobs only, so that none is left half done.
    while !stop.is_cancelled() {
        sleep(takes).step("at a job").await;
        say!("a job done");
    }
}
// ANCHOR_END: shutdown

#[cfg(test)]
mod tests {
    use std::future::pending;

    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    /// 0         40  80  120 150 160   260   350
    /// quick     ████████████████✓
    /// steady    ██████████████████████✓
    /// stubborn  ████████████████████████████⊘
    ///                       └──── grace ────┘
    /// ```
    #[test]
    fn jobs_end_within_the_grace_and_the_rest_is_cut_off_after_it() {
        virtual_time(async {
            let seen = Transcript::of(run()).await;
            seen.assert_lines([
                "[  0.040s] quick a job done",
                "[  0.080s] quick a job done",
                "[  0.120s] quick a job done",
                "[  0.130s] steady a job done",
                "[  0.150s] shutting down",
                "[  0.160s] quick a job done",
                "[  0.260s] steady a job done",
                "[  0.350s] 1 cut off",
            ]);
            assert_eq!(seen.elapsed(), 350.ms(), "{seen}");
        });
    }

    #[test]
    fn a_task_that_never_lets_go_does_not_hold_up_the_shutdown() {
        virtual_time(async {
            let seen = Transcript::of(async {
                let workers = Workers::default();
                // The cut does not reach it, as it does not reach a task that never awaits.
                workers.tasks.spawn(pending::<()>());
                workers.shut_down(200.ms()).await;
            });
            seen.await.assert_lines([
                "[  0.000s] shutting down",
                "[  0.200s] 1 cut off",
                "[  0.300s] 1 never let go",
            ]);
        });
    }

    #[test]
    fn a_shutdown_that_all_obey_does_not_wait_for_its_grace() {
        virtual_time(async {
            let seen = Transcript::of(async {
                let workers = Workers::default();
                workers.start("only", 40.ms());
                sleep(10.ms()).await;
                workers.shut_down(1.secs()).await;
            });
            seen.await.assert_lines([
                "[  0.010s] shutting down",
                "[  0.040s] only a job done",
                "[  0.040s] all ended by themselves",
            ]);
        });
    }
}
