//! The first error ends the wait; then the pending tasks are cancelled and awaited.
//!
//! asyncio: `wait(return_when=FIRST_EXCEPTION)` returns at the first error and leaves the pending
//! tasks running: your code must cancel and await them. Tokio: a loop over a `JoinSet` ends at the
//! first `Err`. Then `abort_all` requests the cancellation of the pending tasks. To wait for them, call
//! `join_next` until the set is empty.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{task::JoinSet, time::sleep};

type Tasks = JoinSet<anyhow::Result<()>>;

/// Three uploads; the second fails while the third still runs.
pub(crate) async fn run() -> anyhow::Result<()> {
    let broken = knob("broken-at", 200.ms(), 110.ms()..=290.ms());
    ask("broken-at=250ms", "is the upload of large.txt done or cancelled?");
    upload_all(broken).await;
    Ok(())
}

// ANCHOR: first_error
async fn upload_all(broken: Duration) {
    let mut tasks = Tasks::new();
    tasks.spawn(upload("small.txt", 100.ms(), true).try_lane("small.txt"));
    tasks.spawn(upload("broken.txt", broken, false).try_lane("broken.txt"));
    tasks.spawn(upload("large.txt", 300.ms(), true).try_lane("large.txt"));
    if let Err(error) = until_first_error(&mut tasks).await {
        say!("{error}, {} pending", tasks.len());
        say!("{} cancelled", cancel(tasks).await);
    }
}

async fn until_first_error(tasks: &mut Tasks) -> anyhow::Result<()> {
    while let Some(task) = tasks.join_next().await {
        // The first `?` is for a task that panicked, the second for one that failed.
        task??;
    }
    Ok(())
}

async fn cancel(mut tasks: Tasks) -> usize {
    tasks.abort_all();
    let mut cancelled = 0;
    while let Some(task) = tasks.join_next().await {
        cancelled += usize::from(task.is_err_and(|error| error.is_cancelled()));
    }
    cancelled
}
// ANCHOR_END: first_error

async fn upload(file: &str, takes: Duration, works: bool) -> anyhow::Result<()> {
    sleep(takes).step("uploading").await;
    anyhow::ensure!(works, "{file} was refused");
    say!("is uploaded");
    Ok(())
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, stage::record::Ending, virtual_time};
    use tokio::runtime::Handle;

    use super::*;

    /// ```text
    ///             0    100  200
    /// small.txt   ●████✓
    /// broken.txt  ●█████████✗
    /// large.txt   ●█████████⊘
    /// ```
    #[test]
    fn the_wait_ends_at_the_error_and_the_pending_tasks_are_cancelled() {
        virtual_time(async {
            for broken in [110, 200, 290] {
                let seen = Transcript::of(upload_all(broken.ms())).await;
                seen.assert_lines([
                    "[  0.100s] small.txt is uploaded".to_owned(),
                    format!("[  0.{broken}s] broken.txt was refused, 1 pending"),
                    format!("[  0.{broken}s] 1 cancelled"),
                ]);
                assert_eq!(seen.elapsed(), broken.ms(), "{seen}");
                assert_eq!(seen.ending("large.txt"), Some(Ending::Dropped), "{seen}");
            }
        });
    }

    #[test]
    fn no_task_outlives_the_wait() {
        virtual_time(async {
            let alive = || Handle::current().metrics().num_alive_tasks();
            let before = alive();
            upload_all(200.ms()).await;
            assert_eq!(alive(), before);
        });
    }

    #[test]
    fn a_task_that_ended_before_the_abort_does_not_count_as_cancelled() {
        virtual_time(async {
            let mut tasks = Tasks::new();
            tasks.spawn(upload("small", 10.ms(), true));
            tasks.spawn(upload("large", 300.ms(), true));
            sleep(20.ms()).await;
            assert_eq!(cancel(tasks).await, 1);
        });
    }
}
