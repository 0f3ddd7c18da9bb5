//! A scope releases its resource exactly once, whether its body returns, fails or is cancelled.
//!
//! asyncio: `async with`. Tokio has no counterpart. The kit's [`scope::with`] passes the resource to
//! an async closure. When the closure ends, the scope awaits the release. If the scope is dropped,
//! the release runs in a new task. The other two ways out are a panic and the end of the runtime;
//! they have their own sections.

use std::time::Duration;

use anyhow::{bail, ensure};
use async_kit::{
    Lane, Millis, ask, knob, say,
    scope::{self, Release},
};
use tokio::time::sleep;

/// Three jobs leave their scopes in three ways, and each session is released.
pub(crate) async fn run() -> anyhow::Result<()> {
    let releasing = knob("releasing", 20.ms(), 1.ms()..=200.ms());
    ask("releasing=200ms", "when does the caller get the answer?");
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
        Ok(answer) => bail!("the job should fail, but returned {answer}"),
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
        ensure!(self.exit != "error", "the connection is lost");
        Ok(42)
    }
}

impl Release for Session {
    async fn release(self) {
        let close = async {
            say!("starts");
            sleep(self.releasing).step("releasing").await;
            say!("is done");
        };
        close.lane(format!("{}/release", self.exit)).await;
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
    fn each_way_out_releases_once_and_completely() {
        for releasing in [1, 15, 20] {
            let seen = seen(releasing);
            for (exit, at) in [("return", 60), ("error", 60), ("cancel", 40)] {
                let lane = format!("{exit}/release");
                seen.assert_at(at.ms(), &format!("{lane} starts"));
                seen.assert_at((at + releasing).ms(), &format!("{lane} is done"));
                let lines =
                    seen.lines().iter().filter(|l| l.lane.as_ref() == Some(&lane));
                assert_eq!(lines.count(), 2, "{seen}");
            }
        }
    }

    #[test]
    fn an_answer_and_an_error_arrive_after_the_release() {
        let seen = seen(20);
        seen.assert_at(80.ms(), "the answer is 42");
        seen.assert_at(80.ms(), "the error is: the connection is lost");
    }

    #[test]
    fn a_cancellation_is_not_reported_as_an_error() {
        let seen = seen(20);
        let lines = seen.lines().iter().filter(|l| l.lane.as_deref() == Some("cancel"));
        let texts: Vec<_> = lines.map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["asks"], "{seen}");
    }
}
