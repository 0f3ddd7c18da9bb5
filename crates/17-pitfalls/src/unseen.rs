//! An error in a task reaches nobody unless somebody looks at what the task returned.
//!
//! asyncio: "Task exception was never retrieved", when the task is collected, on stderr. Tokio:
//! nothing at all. A `TaskTracker` waits for tasks, and that looks safe, but what they return is
//! dropped. A `JoinSet` hands out each result, and `{error:#}` prints it with its cause, where
//! Python's `print(error)` of a `KeyError` prints only the key.

use anyhow::Context;
use async_kit::{Lane, Millis, knob, say};
use tokio::{task::JoinSet, time::sleep};
use tokio_util::task::TaskTracker;

/// Every second upload fails.
pub(crate) async fn run() -> anyhow::Result<()> {
    let uploads = knob("uploads", 4, 1..=6_u32);
    wrong(uploads).await;
    say!("only waited for: all uploads have ended, and it looks fine");
    let failed = right(uploads).await?;
    say!("looked at: {failed} of {uploads} uploads have failed");
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
    while let Some(ended) = tasks.join_next().await {
        // `?` is for a panic or an abort; the error of the upload is inside.
        if let Err(error) = ended? {
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
    fn who_only_waits_hears_of_no_failure_and_who_looks_of_each_with_its_cause() {
        let seen = virtual_time(Transcript::of(run()));
        seen.assert_lines([
            "[  0.090s] only waited for: all uploads have ended, and it looks fine",
            "[  0.160s] upload 2: the disk is full",
            "[  0.180s] upload 4: the disk is full",
            "[  0.180s] looked at: 2 of 4 uploads have failed",
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
