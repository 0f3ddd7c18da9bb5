//! A time limit per attempt turns a call that hangs into a failure; a total limit bounds the job.
//!
//! asyncio: one `timeout` around each attempt and one around all of them. Both raise `TimeoutError`,
//! so the code has to check which one expired. Tokio: the same two timeouts, and the nested `Result`s
//! show which one expired. The kit's `Retry` has a setting for each. A call that hangs never fails,
//! so without a limit per attempt it is never retried.

use std::{convert::Infallible, future::pending, time::Duration};

use async_kit::{Backoff, Lane, Millis, Retry, ask, knob, say};
use tokio::time::sleep;

/// The first call hangs. With a total limit alone, it uses all of the time.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 100.ms(), 40.ms()..=1.secs());
    let total = knob("total", 380.ms(), 40.ms()..=1.secs());
    ask("total=120ms", "does the job \"both\" give up at 100 or at 120 ms?");
    let server = [Hangs::Once, Hangs::Once, Hangs::Always];
    let start = |((name, retry), server)| tokio::spawn(job(retry, server).try_lane(name));
    let policies = policies(limit, total).into_iter().zip(server);
    for job in policies.map(start).collect::<Vec<_>>() {
        // Ignore the error: the job has reported its outcome, and the section continues.
        let _ = job.await?;
    }
    Ok(())
}

// ANCHOR: limits
type Policy = (&'static str, Retry<'static, Infallible>);

fn policies(limit: Duration, total: Duration) -> [Policy; 3] {
    let retry = || Retry::new(Backoff::fixed(50.ms())).attempts(u32::MAX);
    [
        ("total", retry().total(total)),
        ("per attempt", retry().attempt_timeout(limit)),
        ("both", retry().attempt_timeout(limit).total(total)),
    ]
}

async fn job(retry: Retry<'_, Infallible>, server: Hangs) -> anyhow::Result<u32> {
    let mut calls = 0;
    let call = || {
        calls += 1;
        server.answer(calls)
    };
    let degrees = retry.run(call).await.map_err(anyhow::Error::from);
    match &degrees {
        Ok(degrees) => say!("{degrees} degrees, after {calls} calls"),
        Err(error) => say!("{error:#}"),
    }
    degrees
}
// ANCHOR_END: limits

/// A server on which the first call hangs, or every call.
#[derive(Clone, Copy)]
enum Hangs {
    Once,
    Always,
}

impl Hangs {
    /// `Infallible`, because a call either succeeds or hangs.
    async fn answer(self, call: u32) -> Result<u32, Infallible> {
        match (self, call) {
            (Self::Once, 2..) => sleep(30.ms()).step("answering").await,
            (Self::Once, _) | (Self::Always, _) => pending().step("hanging").await,
        }
        Ok(21)
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use tokio::time::Instant;

    use super::*;

    /// ```text
    /// 0             100  150 180  250  300    380
    /// total         █████████████████████████⊘
    /// per attempt   ██████░░░████✓
    /// both          ██████░░░██████░░░███████⊘
    /// ```
    #[test]
    fn a_limit_per_attempt_makes_a_second_call_possible() {
        virtual_time(async {
            let out = "out of time after attempt";
            Transcript::of(run()).await.assert_lines([
                "[  0.180s] per attempt 21 degrees, after 2 calls",
                &format!("[  0.380s] total {out} 1: 380ms in total"),
                &format!(
                    "[  0.380s] both {out} 3: 380ms in total: not ready within 100ms"
                ),
            ]);
        });
    }

    #[test]
    fn a_delay_that_leaves_no_time_for_an_attempt_ends_the_retry() {
        virtual_time(async {
            let start = Instant::now();
            let [.., (_, both)] = policies(100.ms(), 140.ms());
            let error = job(both, Hangs::Always).await.expect_err("it hangs");
            assert_eq!(start.elapsed(), 100.ms(), "{error:#}");
        });
    }
}
