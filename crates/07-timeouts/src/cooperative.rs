//! A task that is told to stop may still save its work; one that is aborted may not.
//!
//! asyncio: `task.cancel()` throws `CancelledError` at the task's await, where a handler may
//! await, and may also swallow it: then the task never ends. Tokio has two ways. A
//! `CancellationToken` is a request, which the task answers in its own way: here it drops the
//! round under way at its await, and saves the others. `abort` drops the task at its next
//! await: nothing to catch, nothing to swallow, and only `drop` still runs.

use std::time::Duration;

use async_kit::{Lane, Millis, knob, say};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Both tasks run in rounds of 60 ms, and are stopped after 200 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let after = knob("after", 200.ms(), 10.ms()..=1.secs());
    stop_both(after).await
}

// ANCHOR: cooperative
async fn stop_both(after: Duration) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let told = tokio::spawn(told(stop.clone()).lane("told"));
    let aborted = tokio::spawn(aborted().lane("aborted"));
    sleep(after).await;
    stop.cancel();
    aborted.abort();

    say!("told: {} rounds are saved", told.await?);
    let error = aborted.await.expect_err("its loop has no end");
    say!("aborted: cancelled is {}", error.is_cancelled());
    Ok(())
}

async fn told(stop: CancellationToken) -> usize {
    let mut rounds = 0;
    while stop.run_until_cancelled(round()).await.is_some() {
        rounds += 1;
    }
    say!("was told to stop");
    sleep(80.ms()).step("saving").await;
    say!("saved its work");
    rounds
}

async fn aborted() {
    let _goodbye = Goodbye;
    loop {
        round().await;
    }
}

struct Goodbye;

impl Drop for Goodbye {
    fn drop(&mut self) {
        say!("leaves without saving");
    }
}

async fn round() {
    say!("running");
    sleep(60.ms()).await;
}
// ANCHOR_END: cooperative

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    /// 0        60    120   180 200     280
    /// told     ●─────●─────●───●███████✓
    /// aborted  ●─────●─────●───⊘
    /// ```
    #[test]
    fn who_is_told_saves_its_work_and_who_is_aborted_is_only_dropped() {
        virtual_time(async {
            let seen = Transcript::of(run()).await;
            let running = |lane| {
                let lines = seen.lines().iter();
                lines.filter(|l| l.text == "running" && l.lane.as_deref() == lane).count()
            };
            assert_eq!(
                (running(Some("told")), running(Some("aborted"))),
                (4, 4),
                "{seen}"
            );
            seen.assert_at(200.ms(), "told was told to stop");
            seen.assert_at(200.ms(), "aborted leaves without saving");
            seen.assert_at(280.ms(), "told saved its work");
            seen.assert_at(280.ms(), "told: 3 rounds are saved");
            seen.assert_at(280.ms(), "aborted: cancelled is true");
        });
    }

    #[test]
    fn whenever_it_is_told_a_task_saves_every_round_but_the_one_under_way() {
        for after in [10, 200, 1000] {
            let seen = virtual_time(Transcript::of(stop_both(after.ms())));
            let rounds = after / 60;
            seen.assert_at(
                (after + 80).ms(),
                &format!("told: {rounds} rounds are saved"),
            );
            let running = seen.lines().iter().filter(|line| line.text == "running");
            assert_eq!(running.count() as u64, 2 * (rounds + 1), "{seen}");
            seen.assert_at(after.ms(), "aborted leaves without saving");
        }
    }

    /// The token of this task is never cancelled, and a request would never reach it.
    #[test]
    fn an_abort_ends_a_task_that_listens_to_no_request() {
        virtual_time(async {
            let task = tokio::spawn(told(CancellationToken::new()));
            sleep(200.ms()).await;
            task.abort();
            assert!(task.await.is_err_and(|error| error.is_cancelled()));
        });
    }
}
