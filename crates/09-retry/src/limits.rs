//! A limit for each attempt frees a retry from a call that hangs; one for all bounds the job.
//!
//! asyncio: `timeout` around each attempt and `timeout_at` around them all; both raise
//! `TimeoutError`, so the code has to ask which one has expired. Tokio: the same two layers, told
//! apart by the layers of `Result`; the kit's `Retry` has a setting for each. A call that hangs
//! never fails, so without a limit of its own it is never repeated.

use std::{convert::Infallible, future::pending, time::Duration};

use async_kit::{Backoff, Lane, Millis, Retry, knob, say};
use tokio::time::sleep;

/// The first call hangs. Who grants it all the time there is has none left for a second one.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 100.ms(), 40.ms()..=1.secs());
    let total = knob("total", 380.ms(), 40.ms()..=1.secs());
    let server = [Hangs::Once, Hangs::Once, Hangs::Always];
    let start = |((name, retry), server)| tokio::spawn(job(retry, server).try_lane(name));
    let policies = policies(limit, total).into_iter().zip(server);
    for job in policies.map(start).collect::<Vec<_>>() {
        // What became of it was said, and no job fails the section.
        let _ = job.await?;
    }
    Ok(())
}

// ANCHOR: limits
type Policy = (&'static str, Retry<'static, Infallible>);

fn policies(limit: Duration, total: Duration) -> [Policy; 3] {
    let retry = || Retry::new(Backoff::fixed(50.ms())).attempts(u32::MAX);
    [
        ("in all", retry().total(total)),
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

/// A server whose first call hangs, or all of them.
#[derive(Clone, Copy)]
enum Hangs {
    Once,
    Always,
}

impl Hangs {
    /// Has no way to fail: it answers or it hangs.
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
    /// in all        █████████████████████████⊘
    /// per attempt   ██████░░░████✓
    /// both          ██████░░░██████░░░███████⊘
    /// ```
    #[test]
    fn a_limit_per_attempt_makes_a_second_call_possible() {
        virtual_time(async {
            let late = "out of time after attempt";
            Transcript::of(run()).await.assert_lines([
                "[  0.180s] per attempt 21 degrees, after 2 calls",
                &format!("[  0.380s] in all {late} 1: 380ms in total"),
                &format!(
                    "[  0.380s] both {late} 3: 380ms in total: not ready within 100ms"
                ),
            ]);
        });
    }

    #[test]
    fn a_pause_that_leaves_no_time_for_an_attempt_is_not_slept() {
        virtual_time(async {
            let start = Instant::now();
            let [.., (_, both)] = policies(100.ms(), 140.ms());
            let error = job(both, Hangs::Always).await.expect_err("it hangs");
            assert_eq!(start.elapsed(), 100.ms(), "{error:#}");
        });
    }
}
