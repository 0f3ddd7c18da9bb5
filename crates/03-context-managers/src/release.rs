//! If a function releases first and then checks the result, the release also runs after an error.
//!
//! asyncio: `async with`, whose `__aexit__` runs on every exit. Rust has no such statement, and
//! `?` returns immediately. So keep the result, release, and only then return it. This covers two
//! exits, a return and an error. The next section is about cancellation.

use std::time::Duration;

use anyhow::{Context, bail};
use async_kit::{Lane, Millis, ask, knob, say};
use tokio::time::sleep;

/// One job succeeds and one fails half-way: both release their printer.
pub(crate) async fn run() -> anyhow::Result<()> {
    let using = knob("using", 100.ms(), 2.ms()..=500.ms());
    ask("using=500ms", "when does the failing job release its printer?");
    both(using).await
}

// ANCHOR: release
async fn both(using: Duration) -> anyhow::Result<()> {
    let successful = job(using, Some("good paper")).try_lane("successful job");
    let failing = job(using / 2, None).try_lane("failing job");
    let (successful, failing) = (tokio::spawn(successful), tokio::spawn(failing));
    successful.await??;
    match failing.await? {
        Err(error) => say!("the caller gets the error: {error}"),
        Ok(()) => bail!("the job printed without paper"),
    }
    Ok(())
}

async fn job(using: Duration, paper: Option<&str>) -> anyhow::Result<()> {
    let mut printer = Printer::acquire().await;
    // A `?` at the end of this line would skip the release.
    let used = printer.print(using, paper).await;
    printer.release().await;
    used
}

struct Printer;

impl Printer {
    async fn acquire() -> Self {
        sleep(10.ms()).await;
        say!("has the printer");
        Self
    }

    async fn print(
        &mut self,
        using: Duration,
        paper: Option<&str>,
    ) -> anyhow::Result<()> {
        sleep(using).step("using the printer").await;
        say!("has printed on {}", paper.context("there is no paper")?);
        Ok(())
    }

    /// Takes `self`, so that no code can use the printer after its release.
    async fn release(self) {
        sleep(10.ms()).await;
        say!("has released the printer");
    }
}
// ANCHOR_END: release

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    ///                 0  10        60 70      110 120
    /// successful job  ░░░██████████████████████░░░✓
    /// failing job     ░░░██████████░░✗
    /// ```
    #[test]
    fn acquire_use_and_release_follow_one_another() {
        let seen = virtual_time(Transcript::of(both(100.ms())));
        seen.assert_at(10.ms(), "successful job has the printer");
        seen.assert_at(110.ms(), "successful job has printed on good paper");
        seen.assert_at(120.ms(), "successful job has released the printer");
        assert_eq!(seen.elapsed(), 120.ms(), "{seen}");
    }

    #[test]
    fn a_job_that_fails_releases_before_it_returns_the_error() {
        for using in [2, 100, 500] {
            let seen = virtual_time(Transcript::of(both(using.ms())));
            seen.assert_at((20 + using / 2).ms(), "failing job has released the printer");
            let last = seen.lines().last().map(|line| line.text.as_str());
            let wanted = "the caller gets the error: there is no paper";
            assert_eq!(last, Some(wanted), "{seen}");
        }
    }
}
