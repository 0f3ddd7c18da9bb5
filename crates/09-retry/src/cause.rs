//! An error that says why the retry gave up still holds what the last attempt met.
//!
//! asyncio: `raise GaveUp(…) from error` keeps it as `__cause__`; a plain `raise` of a new error
//! after the loop loses it. Tokio: the source of the error, which `{:#}` of `anyhow` prints. The
//! kit's `RetryError` has a variant for each of four reasons, out of attempts, out of time, out of
//! budget and not worth another attempt, and the same source in all of them.

use async_kit::{Backoff, Lane, Millis, Retry, RetryBudget, RetryError, knob, say};
use tokio::time::sleep;

/// Four jobs meet one error, and each gives up for a reason of its own.
pub(crate) async fn run() -> anyhow::Result<()> {
    let attempts = knob("attempts", 3, 1..=4);
    let start = |(name, retry)| tokio::spawn(job(retry).try_lane(name));
    for job in policies(attempts).map(start) {
        // What became of it was said, and no job fails the section.
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
        ("for good", retry().when(|_| false)),
    ]
}

async fn job(retry: Retry<'_, Refused>) -> Result<(), RetryError<Refused>> {
    let error = retry.run(ask).await.expect_err("it is always refused");
    say!("{error}");
    say!("because: {}", error.last().expect("what the last attempt met"));
    Err(error)
}
// ANCHOR_END: cause

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("the door is locked")]
struct Refused;

async fn ask() -> Result<(), Refused> {
    sleep(20.ms()).step("asking").await;
    Err(Refused)
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    /// 0         20         120 140         240 260
    /// attempts  ████░░░░░░░░░░░████░░░░░░░░░░░████✗
    /// time      ████░░░░░░░░░░░████✗                  200 ms leave no room for a third
    /// budget    ████░░░░░░░░░░░████✗
    /// for good  ████✗
    /// ```
    #[test]
    fn four_reasons_to_give_up_keep_the_same_cause() {
        virtual_time(async {
            let seen = Transcript::of(run()).await;
            seen.assert_at(20.ms(), "for good attempt 1 failed for good");
            seen.assert_at(140.ms(), "time out of time after attempt 2: 200ms in total");
            let spent = "budget no retry left in the budget after attempt 2";
            seen.assert_at(140.ms(), spent);
            seen.assert_at(260.ms(), "attempts gave up after attempt 3");
            let causes = seen.to_string().matches("because: the door is locked").count();
            assert_eq!(causes, 4, "{seen}");
        });
    }

    #[test]
    fn the_cause_is_in_the_chain_of_sources_where_every_report_looks() {
        virtual_time(async {
            for (name, retry) in policies(2) {
                let error = job(retry).await.expect_err("it is always refused");
                let chain = anyhow::Chain::new(&error).skip(1);
                let causes: Vec<_> = chain.map(ToString::to_string).collect();
                assert_eq!(causes, ["the door is locked"], "{name}");
                assert_eq!(error.into_last(), Some(Refused), "{name}");
            }
        });
    }
}
