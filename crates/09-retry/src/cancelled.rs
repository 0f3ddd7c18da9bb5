//! A retry that is cancelled during an attempt or a delay makes no further attempt.
//!
//! asyncio: a cancellation arrives as `CancelledError`. A retry that catches `BaseException`, or
//! everything with a bare `except:`, treats it as a failed attempt and continues. Tokio: a cancelled
//! future is dropped. There is no error to catch, and the code of the loop never runs again.

use std::time::Duration;

use async_kit::{Backoff, Lane, Millis, Retry, RetryError, ask, knob, say};
use tokio::time::sleep;

/// A job retries forever, until its caller cancels it after 250 ms, during a delay.
pub(crate) async fn run() -> anyhow::Result<()> {
    let cancel_after = knob("cancel-after", 250.ms(), 10.ms()..=600.ms());
    ask("cancel-after=145ms", "does attempt 2 report its error?");
    cancel_job(cancel_after).await
}

// ANCHOR: cancelled
async fn cancel_job(after: Duration) -> anyhow::Result<()> {
    let job = tokio::spawn(retry_forever().lane("job"));
    sleep(after).await;
    say!("the caller cancels");
    job.abort();
    let cancelled = job.await.is_err_and(|error| error.is_cancelled());
    sleep(400.ms()).await;
    say!("no further attempt, cancelled: {cancelled}");
    Ok(())
}

async fn retry_forever() -> Result<(), RetryError<Down>> {
    Retry::new(Backoff::fixed(100.ms()))
        .attempts(u32::MAX)
        .on_retry(|attempt, _, error| say!("attempt {attempt}: {error}"))
        .run(async || {
            sleep(30.ms()).step("calling").await;
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
    fn a_cancellation_during_a_delay_ends_the_retry() {
        virtual_time(async {
            Transcript::of(cancel_job(250.ms())).await.assert_lines([
                "[  0.030s] job attempt 1: the server is down",
                "[  0.160s] job attempt 2: the server is down",
                "[  0.250s] the caller cancels",
                "[  0.650s] no further attempt, cancelled: true",
            ]);
        });
    }

    #[test]
    fn a_cancellation_during_an_attempt_ends_the_retry() {
        virtual_time(async {
            Transcript::of(cancel_job(145.ms())).await.assert_lines([
                "[  0.030s] job attempt 1: the server is down",
                "[  0.145s] the caller cancels",
                "[  0.545s] no further attempt, cancelled: true",
            ]);
        });
    }
}
