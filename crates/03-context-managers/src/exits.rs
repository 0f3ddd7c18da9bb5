//! A scope releases its resource exactly once, whether its body returns, fails or is cancelled.
//!
//! asyncio: `async with`. Tokio has no counterpart. The kit's [`scope::with`] passes the resource to
//! an async closure. When the closure ends, the scope awaits the release. If the scope is dropped,
//! the release runs in a new task. The other two exits are a panic and the end of the runtime; they
//! have their own sections.

use std::time::Duration;

use anyhow::{bail, ensure};
use async_kit::{
    Lane, Millis, ask, knob, say,
    scope::{self, Release},
};
use tokio::time::sleep;

/// Three jobs leave their scopes by three different exits, and each session is released.
pub(crate) async fn run() -> anyhow::Result<()> {
    let releasing = knob("releasing", 20.ms(), 1.ms()..=200.ms());
    ask("releasing=200ms", "when does the caller get the answer?");
    three_exits(releasing).await
}

// ANCHOR: exits
async fn three_exits(releasing: Duration) -> anyhow::Result<()> {
    let start = |name| tokio::spawn(job(name, releasing).try_lane(name));
    let returning = start("returning job");
    let failing = start("failing job");
    let cancelled = start("cancelled job");
    sleep(40.ms()).await;
    cancelled.abort();
    say!("the answer is {}", returning.await??);
    match failing.await? {
        Err(error) => say!("the error is: {error}"),
        Ok(answer) => bail!("the job should fail, but returned {answer}"),
    }
    Ok(())
}

async fn job(name: &'static str, releasing: Duration) -> anyhow::Result<u32> {
    let session = Session { job: name, releasing };
    scope::with(session, async |session| session.ask().await).await
}

impl Session {
    async fn ask(&mut self) -> anyhow::Result<u32> {
        say!("asks the server");
        sleep(60.ms()).step("asking").await;
        ensure!(self.job != "failing job", "the connection is lost");
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
        close.lane(format!("{}/release", self.job)).await;
    }
}
// ANCHOR_END: exits

struct Session {
    job: &'static str,
    releasing: Duration,
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn seen(releasing: u64) -> Transcript {
        virtual_time(Transcript::of(three_exits(releasing.ms())))
    }

    /// ```text
    ///                        0           40    60    80
    /// returning job          ██████████████████░░░░░░✓
    /// returning job/release                    ██████✓
    /// failing job            ██████████████████░░░░░░✗
    /// failing job/release                      ██████✓
    /// cancelled job          ████████████⊘
    /// cancelled job/release              ██████✓
    /// ```
    #[test]
    fn each_exit_releases_once_and_completely() {
        for releasing in [1, 15, 20] {
            let seen = seen(releasing);
            for (job, at) in [("returning", 60), ("failing", 60), ("cancelled", 40)] {
                let lane = format!("{job} job/release");
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
        let lines =
            seen.lines().iter().filter(|l| l.lane.as_deref() == Some("cancelled job"));
        let texts: Vec<_> = lines.map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["asks the server"], "{seen}");
    }
}
