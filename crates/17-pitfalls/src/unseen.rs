//! An error that a task returns is lost unless the program checks the result of the task.
//!
//! asyncio: "Task exception was never retrieved" on stderr, when the task is collected. Tokio: no
//! message. A `TaskTracker` waits for tasks, which looks safe, but it drops their results. A
//! `JoinSet` returns each result, and `{error:#}` prints an error with its cause. Python's
//! `print(error)` prints only the key of a `KeyError`.

use anyhow::Context;
use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{task::JoinSet, time::sleep};
use tokio_util::task::TaskTracker;

/// The uploads with an even number fail.
pub(crate) async fn run() -> anyhow::Result<()> {
    let uploads = knob("uploads", 4, 1..=6_u32);
    ask("uploads=6", "how many failures does each version report?");
    wrong(uploads).await;
    say!("waited for: all uploads have ended, and no failure was reported");
    let failed = right(uploads).await?;
    say!("results checked: {failed} of {uploads} uploads have failed");
    Ok(())
}

// ANCHOR: unseen
async fn wrong(uploads: u32) {
    let tasks = TaskTracker::new();
    for n in 1..=uploads {
        tasks.spawn(upload(n).try_lane(format!("wrong-{n}")));
    }
    tasks.close();
    tasks.wait().await;
}

async fn right(uploads: u32) -> anyhow::Result<usize> {
    let mut tasks = JoinSet::new();
    for n in 1..=uploads {
        tasks.spawn(upload(n).try_lane(format!("right-{n}")));
    }
    let mut failed = 0;
    while let Some(joined) = tasks.join_next().await {
        // `?` returns a panic or an abort. The result of the upload is inside.
        if let Err(error) = joined? {
            say!("{error:#}");
            failed += 1;
        }
    }
    Ok(failed)
}

async fn upload(n: u32) -> anyhow::Result<()> {
    sleep(50.ms() + 10.ms() * n).step("uploading").await;
    store(n).with_context(|| format!("upload {n}"))
}
// ANCHOR_END: unseen

fn store(n: u32) -> anyhow::Result<()> {
    anyhow::ensure!(n % 2 == 1, "the disk is full");
    Ok(())
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, stage::record::Ending, virtual_time};

    use super::*;

    #[test]
    fn waiting_reports_no_failure_and_checking_reports_each_with_its_cause() {
        let seen = virtual_time(Transcript::of(run()));
        seen.assert_lines([
            "[  0.090s] waited for: all uploads have ended, and no failure was reported",
            "[  0.160s] upload 2: the disk is full",
            "[  0.180s] upload 4: the disk is full",
            "[  0.180s] results checked: 2 of 4 uploads have failed",
        ]);
        assert_eq!(seen.ending("wrong-2"), Some(Ending::Failed), "{seen}");
    }

    #[test]
    fn every_failure_is_counted_whatever_the_number_of_uploads() {
        for uploads in 1..=6 {
            let failed = virtual_time(right(uploads)).unwrap();
            assert_eq!(failed, uploads as usize / 2);
        }
    }
}
