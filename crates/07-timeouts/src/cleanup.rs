//! A slow cleanup does not delay the timeout.
//!
//! asyncio: the timeout cancels the work and then waits until its `finally` has ended, so a timeout
//! of 200 ms may end after 500 ms. Tokio: the work is dropped when the timeout expires, and
//! `drop` cannot await. A cleanup that has to await goes into a scope of the kit, which finishes it
//! in the background. The end of the runtime would interrupt it, so wait for `scope::released`.

use std::time::Duration;

use async_kit::{
    Lane, Millis, ask, knob, say,
    scope::{self, Release},
};
use tokio::time::{error::Elapsed, sleep, timeout};

/// The work is dropped after 200 ms, and its cleanup takes 300 ms more.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 200.ms(), 10.ms()..=900.ms());
    let cleanup = knob("cleanup", 300.ms(), 0.ms()..=1.secs());
    ask("cleanup=1s", "does the caller time out later?");
    let _ = caller(limit, Session { cleanup }).lane("caller").await;
    scope::released().await;
    Ok(())
}

// ANCHOR: cleanup
async fn caller(limit: Duration, session: Session) -> Result<&'static str, Elapsed> {
    let answer = timeout(limit, job(session).lane("job")).await;
    match &answer {
        Ok(answer) => say!("got {answer}"),
        Err(_) => say!("timed out"),
    }
    answer
}

async fn job(session: Session) -> &'static str {
    say!("starts");
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
            say!("starts to close");
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
    fn the_caller_continues_at_the_timeout_and_the_cleanup_still_ends() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.000s] job starts",
                "[  0.200s] caller timed out",
                "[  0.200s] session starts to close",
                "[  0.500s] session is closed",
            ]);
        });
    }

    #[test]
    fn no_late_answer_is_returned_after_the_timeout() {
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
