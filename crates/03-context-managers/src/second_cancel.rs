//! A cancellation that arrives during a release does not stop the release.
//!
//! asyncio: a second `cancel` is raised inside `__aexit__`, at its await, and the rest of the
//! release never runs; careful programs protect it with `asyncio.shield`. The kit's scope keeps the
//! release in a separate future. If the scope is dropped during the release, that future continues
//! in a new task.

use std::time::Duration;

use anyhow::ensure;
use async_kit::{
    Lane, Millis, ask, knob, say,
    scope::{self, Release},
};
use tokio::time::sleep;

/// Ada's job is cancelled during its work and again during its release. Bob's job is cancelled only
/// during its release.
pub(crate) async fn run() -> anyhow::Result<()> {
    let releasing = knob("releasing", 40.ms(), 20.ms()..=200.ms());
    ask("releasing=200ms", "when is everything released?");
    cancel_again(releasing).await
}

// ANCHOR: second_cancel
async fn cancel_again(releasing: Duration) -> anyhow::Result<()> {
    let ada = tokio::spawn(job("ada", 100.ms(), releasing).lane("ada"));
    let bob = tokio::spawn(job("bob", 45.ms(), releasing).lane("bob"));
    sleep(40.ms()).await;
    say!("first cancellation");
    ada.abort();
    sleep(15.ms()).await;
    say!("second cancellation");
    ada.abort();
    bob.abort();
    ensure!(ada.await.is_err() && bob.await.is_err(), "a job was not cancelled");
    // Both jobs have ended, but their releases still run. `released` waits for them.
    scope::released().await;
    say!("everything is released");
    Ok(())
}

async fn job(name: &'static str, work: Duration, releasing: Duration) {
    let desk = Desk { job: name, releasing };
    scope::with(desk, async |_| sleep(work).step("working").await).await;
}

impl Release for Desk {
    async fn release(self) {
        let clear = async {
            say!("clears the desk");
            sleep(self.releasing).step("releasing").await;
            say!("has cleared the desk");
        };
        clear.lane(format!("{}/release", self.job)).await;
    }
}
// ANCHOR_END: second_cancel

struct Desk {
    job: &'static str,
    releasing: Duration,
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    ///              0       40 45 55     80 85
    /// ada          ████████⊘
    /// ada/release          █████████████✓        cancelled again at 55 ms
    /// bob          ███████████░░⊘
    /// bob/release             █████████████✓     cancelled at 55 ms, for the first time
    /// ```
    #[test]
    fn a_cancellation_during_a_release_does_not_shorten_it() {
        for releasing in [20, 40, 200] {
            let seen = virtual_time(Transcript::of(cancel_again(releasing.ms())));
            seen.assert_at(40.ms(), "ada/release clears the desk");
            seen.assert_at((40 + releasing).ms(), "ada/release has cleared the desk");
            seen.assert_at(45.ms(), "bob/release clears the desk");
            seen.assert_at((45 + releasing).ms(), "bob/release has cleared the desk");
            seen.assert_at((45 + releasing).ms(), "everything is released");
        }
    }
}
