//! A task that receives a stop request can still save its work; an aborted task cannot.
//!
//! asyncio: `task.cancel()` throws `CancelledError` at the task's await. A handler may await there,
//! and may also swallow the error: then the task never ends. Tokio separates the two
//! cases. A `CancellationToken` is a request, and the task decides how it reacts: here it drops the
//! current round at its await, and saves the completed rounds. `abort` drops the task at its next
//! await: there is nothing to catch or to swallow, and only `drop` still runs.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Both tasks run in rounds of 60 ms, and are stopped after 200 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let after = knob("after", 200.ms(), 10.ms()..=1.secs());
    ask("after=100ms", "how many rounds are saved?");
    stop_both(after).await
}

// ANCHOR: cooperative
async fn stop_both(after: Duration) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let cooperative =
        tokio::spawn(run_until_asked(stop.clone()).lane("cooperative task"));
    let aborted = tokio::spawn(run_forever().lane("aborted task"));
    sleep(after).await;
    stop.cancel();
    aborted.abort();

    say!("cooperative task: rounds saved: {}", cooperative.await?);
    let error = aborted.await.expect_err("its loop never ends");
    say!("aborted task: is_cancelled() returns {}", error.is_cancelled());
    Ok(())
}

async fn run_until_asked(stop: CancellationToken) -> usize {
    let mut rounds = 0;
    while stop.run_until_cancelled(round()).await.is_some() {
        rounds += 1;
    }
    say!("receives the stop request");
    sleep(80.ms()).step("saving").await;
    say!("has saved its work");
    rounds
}

async fn run_forever() {
    let _report = ReportDrop;
    loop {
        round().await;
    }
}

struct ReportDrop;

impl Drop for ReportDrop {
    fn drop(&mut self) {
        say!("is dropped without saving");
    }
}

async fn round() {
    say!("starts a round");
    sleep(60.ms()).await;
}
// ANCHOR_END: cooperative

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    /// 0                 60    120   180 200     280
    /// cooperative task  ●─────●─────●───●███████✓
    /// aborted task      ●─────●─────●───⊘
    /// ```
    #[test]
    fn the_cooperative_task_saves_its_work_and_the_aborted_one_does_not() {
        virtual_time(async {
            let seen = Transcript::of(run()).await;
            let started = |lane| {
                let lines = seen.lines().iter();
                lines
                    .filter(|l| l.text == "starts a round" && l.lane.as_deref() == lane)
                    .count()
            };
            assert_eq!(
                (started(Some("cooperative task")), started(Some("aborted task"))),
                (4, 4),
                "{seen}"
            );
            seen.assert_at(200.ms(), "cooperative task receives the stop request");
            seen.assert_at(200.ms(), "aborted task is dropped without saving");
            seen.assert_at(280.ms(), "cooperative task has saved its work");
            seen.assert_at(280.ms(), "cooperative task: rounds saved: 3");
            seen.assert_at(280.ms(), "aborted task: is_cancelled() returns true");
        });
    }

    #[test]
    fn the_cooperative_task_saves_every_round_but_the_current_one() {
        for after in [10, 200, 1000] {
            let seen = virtual_time(Transcript::of(stop_both(after.ms())));
            let rounds = after / 60;
            seen.assert_at(
                (after + 80).ms(),
                &format!("cooperative task: rounds saved: {rounds}"),
            );
            let started =
                seen.lines().iter().filter(|line| line.text == "starts a round");
            assert_eq!(started.count() as u64, 2 * (rounds + 1), "{seen}");
            seen.assert_at(after.ms(), "aborted task is dropped without saving");
        }
    }

    /// The token of this task is never cancelled, so the task never receives a request.
    #[test]
    fn an_abort_ends_a_task_that_receives_no_request() {
        virtual_time(async {
            let task = tokio::spawn(run_until_asked(CancellationToken::new()));
            sleep(200.ms()).await;
            task.abort();
            assert!(task.await.is_err_and(|error| error.is_cancelled()));
        });
    }
}
