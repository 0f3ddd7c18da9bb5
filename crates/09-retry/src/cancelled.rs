//! A cancelled retry tries no more, whether the cancel meets it in an attempt or in a pause.
//!
//! asyncio: a cancel arrives as `CancelledError`, and a retry that catches `BaseException`, or
//! everything with a bare `except:`, takes it for a failed attempt and goes on. Tokio: a cancelled
//! future is dropped; there is no error to catch, and no code of the loop runs any more.

use std::time::Duration;

use async_kit::{Backoff, Lane, Millis, Retry, RetryError, knob, say};
use tokio::time::sleep;

/// A job would try for ever; its caller cancels it after 250 ms, in the middle of a pause.
pub(crate) async fn run() -> anyhow::Result<()> {
    let cancel_after = knob("cancel-after", 250.ms(), 10.ms()..=600.ms());
    cancel(cancel_after).await
}

// ANCHOR: cancelled
async fn cancel(after: Duration) -> anyhow::Result<()> {
    let job = tokio::spawn(try_for_ever().lane("job"));
    sleep(after).await;
    say!("the caller cancels");
    job.abort();
    let cancelled = job.await.is_err_and(|error| error.is_cancelled());
    sleep(400.ms()).await;
    say!("nothing more was tried, cancelled: {cancelled}");
    Ok(())
}

async fn try_for_ever() -> Result<(), RetryError<Down>> {
    Retry::new(Backoff::fixed(100.ms()))
        .attempts(u32::MAX)
        .on_retry(|attempt, _, error| say!("attempt {attempt}: {error}"))
        .run(async || {
            sleep(30.ms()).step("asking").await;
            Err(Down)
        })
        .await
}
// ANCHOR_END: cancelled

#[derive(Debug, thiserror::Error)]
#[error("the server is down")]
struct Down;

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    /// 0   30      130 160      250        650
    /// job ████░░░░░░░░████░░░░░⊘
    /// ```
    #[test]
    fn a_cancel_in_the_pause_is_the_end() {
        virtual_time(async {
            Transcript::of(cancel(250.ms())).await.assert_lines([
                "[  0.030s] job attempt 1: the server is down",
                "[  0.160s] job attempt 2: the server is down",
                "[  0.250s] the caller cancels",
                "[  0.650s] nothing more was tried, cancelled: true",
            ]);
        });
    }

    #[test]
    fn a_cancel_in_an_attempt_is_the_end_too() {
        virtual_time(async {
            Transcript::of(cancel(145.ms())).await.assert_lines([
                "[  0.030s] job attempt 1: the server is down",
                "[  0.145s] the caller cancels",
                "[  0.545s] nothing more was tried, cancelled: true",
            ]);
        });
    }
}
