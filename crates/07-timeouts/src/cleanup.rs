//! A victim that cleans up slowly does not delay the limit.
//!
//! asyncio: the limit cancels the work and then waits for its `finally`, however long that
//! takes; a limit of 200 ms is felt after 500. Tokio: the work is dropped at the limit, and
//! `drop` cannot wait. A cleanup that has to wait goes into a scope of the kit, which finishes it
//! in the background. The end of the runtime would cut it off, so wait for `scope::released`.

use std::time::Duration;

use async_kit::{
    Lane, Millis, knob, say,
    scope::{self, Release},
};
use tokio::time::{error::Elapsed, sleep, timeout};

/// The work is cut off after 200 ms, and its cleanup takes 300 ms more.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 200.ms(), 10.ms()..=900.ms());
    let cleanup = knob("cleanup", 300.ms(), 0.ms()..=1.secs());
    let _ = caller(limit, Session { cleanup }).lane("caller").await;
    scope::released().await;
    Ok(())
}

// ANCHOR: cleanup
async fn caller(limit: Duration, session: Session) -> Result<&'static str, Elapsed> {
    let answer = timeout(limit, job(session).lane("job")).await;
    match &answer {
        Ok(answer) => say!("got {answer}"),
        Err(_) => say!("gave up"),
    }
    answer
}

async fn job(session: Session) -> &'static str {
    say!("works");
    let work = async |_: &mut Session| sleep(1.secs()).step("working").await;
    scope::with(session, work).await;
    "an answer"
}

struct Session {
    cleanup: Duration,
}

impl Release for Session {
    async fn release(self) {
        async {
            say!("says goodbye");
            sleep(self.cleanup).step("closing").await;
            say!("is closed");
        }
        .lane("session")
        .await;
    }
}
// ANCHOR_END: cleanup

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use tokio::time::Instant;

    use super::*;

    /// ```text
    /// 0       200    500
    /// caller  ░░░░░░░✓
    /// job     ███████⊘
    /// session        ██████████✓
    /// ```
    #[test]
    fn the_caller_goes_on_at_the_limit_and_the_cleanup_still_ends() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.000s] job works",
                "[  0.200s] caller gave up",
                "[  0.200s] session says goodbye",
                "[  0.500s] session is closed",
            ]);
        });
    }

    #[test]
    fn no_late_answer_comes_back_after_the_limit() {
        virtual_time(async {
            for cleanup in [0.ms(), 300.ms(), 2.secs()] {
                let called = Instant::now();
                let answer = caller(200.ms(), Session { cleanup }).await;
                assert!(answer.is_err(), "cleanup of {cleanup:?}: {answer:?}");
                assert_eq!(called.elapsed(), 200.ms(), "cleanup of {cleanup:?}");
            }
        });
    }
}
