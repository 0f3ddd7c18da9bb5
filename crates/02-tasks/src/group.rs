//! A `Group` ends only after all its tasks have ended and all their cleanup is done.
//!
//! asyncio: a `TaskGroup` waits for the `finally` of every task that it cancelled. Tokio:
//! `JoinSet::shutdown` aborts its tasks and waits until they are dropped. But a dropped task cannot
//! await its own cleanup: the cleanup continues in another task, after the `JoinSet` has ended. The
//! kit's [`Group`] waits for that task too.

use std::time::Duration;

use async_kit::{
    Group, Lane, Millis, ask, knob, say,
    scope::{self, Release},
};
use tokio::{task::JoinSet, time::sleep};

/// A download of 300 ms is cancelled when its sibling fails; then its file must be deleted.
pub(crate) async fn run() -> anyhow::Result<()> {
    let fails_at = knob("fails-at", 100.ms(), 10.ms()..=290.ms());
    let cleanup = knob("cleanup", 80.ms(), 1.ms()..=300.ms());
    ask("cleanup=300ms", "how long after the JoinSet's end is set-child's file deleted?");
    let _ = in_a_join_set(fails_at, cleanup).try_lane("JoinSet").await;
    scope::released().await;
    let _ = in_a_group(fails_at, cleanup).try_lane("Group").await;
    Ok(())
}

// ANCHOR: group
async fn in_a_join_set(fails_at: Duration, cleanup: Duration) -> anyhow::Result<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(download("set-child", cleanup));
    tasks.spawn(fail(fails_at));
    let first = tasks.join_next().await.expect("the set contains two tasks")?;
    tasks.shutdown().await;
    say!("has ended");
    first
}

async fn in_a_group(fails_at: Duration, cleanup: Duration) -> anyhow::Result<()> {
    let all = Group::run(async |group| {
        group.spawn(download("group-child", cleanup));
        group.spawn(fail(fails_at));
        Ok(())
    });
    let all = all.await;
    say!("has ended");
    all
}

async fn download(name: &'static str, cleanup: Duration) -> anyhow::Result<()> {
    let work = async {
        scope::with(PartFile { name, cleanup }, async |_| {
            sleep(300.ms()).step("downloading").await
        })
        .await;
        Ok(())
    };
    work.lane(name).await
}
// ANCHOR_END: group

struct PartFile {
    name: &'static str,
    cleanup: Duration,
}

impl Release for PartFile {
    async fn release(self) {
        async {
            sleep(self.cleanup).step("deleting").await;
            say!("is deleted");
        }
        .lane(format!("{}'s file", self.name))
        .await;
    }
}

async fn fail(after: Duration) -> anyhow::Result<()> {
    sleep(after).await;
    anyhow::bail!("no space left")
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    ///                0         100     180
    /// JoinSet        ░░░░░░░░░░✗
    /// set-child      ░░░░░░░░░░⊘
    /// its file                 ████████✓   the JoinSet does not wait for it
    /// ```
    #[test]
    fn a_join_set_ends_while_a_cleanup_still_runs() {
        virtual_time(async {
            let both = async {
                assert!(in_a_join_set(100.ms(), 80.ms()).await.is_err());
                scope::released().await;
            };
            let seen = Transcript::of(both).await;
            seen.assert_lines([
                "[  0.100s] has ended",
                "[  0.180s] set-child's file is deleted",
            ]);
        });
    }

    #[test]
    fn a_group_ends_after_the_last_cleanup_and_returns_the_error() {
        virtual_time(async {
            for cleanup in [1, 80, 300] {
                let group = in_a_group(100.ms(), cleanup.ms());
                let (seen, result) = Transcript::with_output(group).await;
                assert_eq!(result.unwrap_err().to_string(), "no space left");
                let last = seen.lines().last().unwrap();
                assert_eq!(
                    (last.at, &*last.text),
                    (100.ms() + cleanup.ms(), "has ended")
                );
                assert_eq!(seen.lines().len(), 2, "the file must be deleted: {seen}");
            }
        });
    }
}
