//! A retry's error states why the retry gave up, and keeps the last attempt's error as its cause.
//!
//! asyncio: `raise GaveUp(…) from error` keeps the cause as `__cause__`; a plain `raise` of a new
//! error after the loop loses it. Tokio: the cause is the `source` of the error, and `{:#}` of `anyhow`
//! prints it. The kit's `RetryError` has one variant for each of four reasons: no attempt left, no
//! time left, no budget left, or an error that is not retryable. Each variant keeps the cause. If the
//! time ends during the first attempt, there is no cause.

use async_kit::{Backoff, Lane, Millis, Retry, RetryBudget, RetryError, ask, knob, say};
use tokio::time::sleep;

/// Four jobs get the same error, and each gives up for a different reason.
pub(crate) async fn run() -> anyhow::Result<()> {
    let attempts = knob("attempts", 3, 1..=4);
    ask("attempts=2", "which jobs give up at the same moment?");
    let start = |(name, retry)| tokio::spawn(job(retry).try_lane(name));
    for job in policies(attempts).map(start) {
        // Ignore the error: the job has reported it, and the section continues.
        let _ = job.await?;
    }
    Ok(())
}

// ANCHOR: cause
fn policies(attempts: u32) -> [(&'static str, Retry<'static, Refused>); 4] {
    let retry = || Retry::new(Backoff::fixed(100.ms())).attempts(u32::MAX);
    let budget = RetryBudget::percent(0).burst(1);
    [
        ("attempts", retry().attempts(attempts)),
        ("time", retry().total(200.ms())),
        ("budget", retry().budget(&budget)),
        ("permanent", retry().when(|_| false)),
    ]
}

async fn job(retry: Retry<'_, Refused>) -> Result<(), RetryError<Refused>> {
    let error = retry.run(connect).await.expect_err("every attempt is refused");
    say!("{error}");
    say!("cause: {}", error.last().expect("the last attempt's error"));
    Err(error)
}
// ANCHOR_END: cause

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("connection refused")]
struct Refused;

async fn connect() -> Result<(), Refused> {
    sleep(20.ms()).step("connecting").await;
    Err(Refused)
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    /// 0          20         120 140         240 260
    /// attempts   ████░░░░░░░░░░░████░░░░░░░░░░░████✗
    /// time       ████░░░░░░░░░░░████✗                  200 ms leave no time for a third attempt
    /// budget     ████░░░░░░░░░░░████✗
    /// permanent  ████✗
    /// ```
    #[test]
    fn errors_for_four_different_reasons_keep_the_same_cause() {
        virtual_time(async {
            let seen = Transcript::of(run()).await;
            seen.assert_at(20.ms(), "permanent attempt 1 failed permanently");
            seen.assert_at(140.ms(), "time out of time after attempt 2: 200ms in total");
            let spent = "budget no retry left in the budget after attempt 2";
            seen.assert_at(140.ms(), spent);
            seen.assert_at(260.ms(), "attempts gave up after attempt 3");
            let causes = seen.to_string().matches("cause: connection refused").count();
            assert_eq!(causes, 4, "{seen}");
        });
    }

    #[test]
    fn the_cause_is_in_the_error_chain_that_anyhow_prints() {
        virtual_time(async {
            for (name, retry) in policies(2) {
                let error = job(retry).await.expect_err("every attempt is refused");
                let chain = anyhow::Chain::new(&error).skip(1);
                let causes: Vec<_> = chain.map(ToString::to_string).collect();
                assert_eq!(causes, ["connection refused"], "{name}");
                assert_eq!(error.into_last(), Some(Refused), "{name}");
            }
        });
    }
}
