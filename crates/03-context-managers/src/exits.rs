//! A scope releases its resource exactly once, whether its body returns, fails or is cancelled.
//!
//! asyncio: `async with`. Tokio has no counterpart. The kit's [`scope::with`] lends the resource
//! to an async closure; when that is over it polls the release in place, and if it is dropped,
//! the release runs on as a task of its own. A panic and the end of the runtime are the other
//! two ways out; both need a real process, and have sections of their own.

use std::time::Duration;

use anyhow::{bail, ensure};
use async_kit::{
    Lane, Millis, knob, say,
    scope::{self, Release},
};
use tokio::time::sleep;

/// Three jobs leave their scopes in three ways, and the session is closed after each.
pub(crate) async fn run() -> anyhow::Result<()> {
    let releasing = knob("releasing", 20.ms(), 1.ms()..=200.ms());
    three_ways_out(releasing).await
}

// ANCHOR: exits
async fn three_ways_out(releasing: Duration) -> anyhow::Result<()> {
    let returns = tokio::spawn(job("return", releasing).try_lane("return"));
    let fails = tokio::spawn(job("error", releasing).try_lane("error"));
    let cancelled = tokio::spawn(job("cancel", releasing).try_lane("cancel"));
    sleep(40.ms()).await;
    cancelled.abort();
    say!("the answer is {}", returns.await??);
    match fails.await? {
        Err(error) => say!("the error is: {error}"),
        Ok(answer) => bail!("it was to fail, and answered {answer}"),
    }
    Ok(())
}

async fn job(exit: &'static str, releasing: Duration) -> anyhow::Result<u32> {
    let session = Session { exit, releasing };
    scope::with(session, async |session| session.ask().await).await
}

impl Session {
    async fn ask(&mut self) -> anyhow::Result<u32> {
        say!("asks");
        sleep(60.ms()).step("asking").await;
        ensure!(self.exit != "error", "the line is dead");
        Ok(42)
    }
}

impl Release for Session {
    async fn release(self) {
        let goodbye = async {
            say!("begins");
            sleep(self.releasing).step("releasing").await;
            say!("is over");
        };
        goodbye.lane(format!("{}/release", self.exit)).await;
    }
}
// ANCHOR_END: exits

struct Session {
    exit: &'static str,
    releasing: Duration,
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn seen(releasing: u64) -> Transcript {
        virtual_time(Transcript::of(three_ways_out(releasing.ms())))
    }

    /// ```text
    ///                 0           40    60    80
    /// return          ██████████████████░░░░░░✓
    /// return/release                    ██████✓
    /// error           ██████████████████░░░░░░✗
    /// error/release                     ██████✓
    /// cancel          ████████████⊘
    /// cancel/release              ██████✓
    /// ```
    #[test]
    fn each_way_out_releases_once_and_to_the_end() {
        for releasing in [1, 15, 20] {
            let seen = seen(releasing);
            for (exit, at) in [("return", 60), ("error", 60), ("cancel", 40)] {
                let lane = format!("{exit}/release");
                seen.assert_at(at.ms(), &format!("{lane} begins"));
                seen.assert_at((at + releasing).ms(), &format!("{lane} is over"));
                let said = seen.lines().iter().filter(|l| l.lane.as_ref() == Some(&lane));
                assert_eq!(said.count(), 2, "{seen}");
            }
        }
    }

    #[test]
    fn an_answer_and_an_error_arrive_after_the_release() {
        let seen = seen(20);
        seen.assert_at(80.ms(), "the answer is 42");
        seen.assert_at(80.ms(), "the error is: the line is dead");
    }

    #[test]
    fn a_cancellation_is_not_told_as_an_error() {
        let seen = seen(20);
        let of_cancel =
            seen.lines().iter().filter(|l| l.lane.as_deref() == Some("cancel"));
        let said: Vec<_> = of_cancel.map(|line| line.text.as_str()).collect();
        assert_eq!(said, ["asks"], "{seen}");
    }
}
