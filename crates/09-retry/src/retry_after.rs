//! Who is told when to come back needs two calls, and who guesses needs many.
//!
//! asyncio: the error carries the time, and the loop sleeps that long instead of its own delay.
//! Tokio: the same; the kit's `retry_after` asks the error, and leaves it to the backoff when the
//! error does not say. A wait beyond the total limit is not begun. No jitter is added: all who are
//! told the same time return together, so a server with many clients tells them different times.

use std::time::Duration;

use async_kit::{Backoff, Lane, Millis, Retry, RetryError, knob, say};
use tokio::time::{Instant, sleep};

/// A server takes no calls for 300 ms, and says so to everybody who asks.
pub(crate) async fn run() -> anyhow::Result<()> {
    let closed = knob("closed", 300.ms(), 0.ms()..=2.secs());
    let opens = Instant::now() + closed;
    let start = |(name, retry)| tokio::spawn(caller(retry, opens).try_lane(name));
    for caller in policies().map(start) {
        // What became of it was said, and no caller fails the section.
        let _ = caller.await?;
    }
    Ok(())
}

// ANCHOR: retry_after
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("closed for {opens_in:?} more")]
struct Closed {
    opens_in: Duration,
}

fn policies() -> [(&'static str, Retry<'static, Closed>); 3] {
    let retry = || Retry::new(Backoff::fixed(50.ms())).attempts(u32::MAX);
    let listens = || retry().retry_after(|closed: &Closed| Some(closed.opens_in));
    [
        ("guesses", retry()),
        ("listens", listens()),
        ("has no time", listens().total(200.ms())),
    ]
}
// ANCHOR_END: retry_after

/// How many calls it took.
async fn caller(
    retry: Retry<'_, Closed>,
    opens: Instant,
) -> Result<u32, RetryError<Closed>> {
    let mut calls = 0;
    let call = || {
        calls += 1;
        ask(opens)
    };
    match retry.run(call).await {
        Ok(()) => say!("served, call {calls}"),
        Err(error) => {
            say!("gave up at once, call {calls}");
            return Err(error);
        }
    }
    Ok(calls)
}

async fn ask(opens: Instant) -> Result<(), Closed> {
    sleep(10.ms()).step("asking").await;
    let opens_in = opens.saturating_duration_since(Instant::now());
    if opens_in.is_zero() { Ok(()) } else { Err(Closed { opens_in }) }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use tokio::join;

    use super::*;

    /// ```text
    /// 0            60     120     180     240     300     310
    /// guesses      █░░░░░░█░░░░░░░█░░░░░░░█░░░░░░░█░░░░░░░█✓
    /// listens      █░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░█✓
    /// has no time  █✗
    /// ```
    #[test]
    fn who_listens_needs_two_calls_and_who_has_no_time_does_not_wait() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.010s] has no time gave up at once, call 1",
                "[  0.310s] listens served, call 2",
                "[  0.310s] guesses served, call 6",
            ]);
        });
    }

    #[test]
    fn two_calls_are_enough_however_long_the_server_is_closed() {
        virtual_time(async {
            for closed in [20.ms(), 300.ms(), 100.secs()] {
                let (start, [_, (_, listens), _]) = (Instant::now(), policies());
                assert_eq!(caller(listens, start + closed).await, Ok(2));
                assert_eq!(start.elapsed(), closed + 10.ms());
            }
        });
    }

    #[test]
    fn a_wait_beyond_the_total_keeps_what_the_server_said() {
        virtual_time(async {
            let [_, _, (_, has_no_time)] = policies();
            let error = caller(has_no_time, Instant::now() + 300.ms()).await;
            let last = Closed { opens_in: 290.ms() };
            assert_eq!(error.expect_err("no time").into_last(), Some(last));
        });
    }

    #[test]
    fn all_who_are_told_the_same_time_return_together() {
        virtual_time(async {
            let opens = Instant::now() + 300.ms();
            let listens = || async move {
                let [_, (_, listens), _] = policies();
                let calls = caller(listens, opens).await;
                (calls, Instant::now())
            };
            let (one, two, three) = join!(listens(), listens(), listens());
            for served in [one, two, three] {
                assert_eq!(served, (Ok(2), opens + 10.ms()));
            }
        });
    }
}
