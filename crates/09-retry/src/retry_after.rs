//! A client that follows the server's retry hint needs two attempts; without it, it needs many.
//!
//! asyncio: the error carries the hint, and the loop sleeps that long instead of its own delay.
//! Tokio: the same. The kit's `retry_after` reads the hint from the error; if there is none, the
//! backoff determines the delay. If the hint is longer than the rest of the total time, the retry
//! gives up immediately. A hint gets no jitter: clients with the same hint retry at the same time,
//! so a server with many clients should send them different hints.

use std::time::Duration;

use async_kit::{Backoff, Lane, Millis, Retry, RetryError, ask, knob, say};
use tokio::time::{Instant, sleep};

/// A server is closed for 300 ms, and each refusal contains the time that is left.
pub(crate) async fn run() -> anyhow::Result<()> {
    let closed = knob("closed", 300.ms(), 0.ms()..=2.secs());
    ask("closed=160ms", "how many attempts does each client make?");
    let opens = Instant::now() + closed;
    let start = |(name, retry)| tokio::spawn(client(retry, opens).try_lane(name));
    for client in policies().map(start) {
        // Ignore the error: the client has reported its outcome, and the section continues.
        let _ = client.await?;
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
    let with_hint = || retry().retry_after(|closed: &Closed| Some(closed.opens_in));
    [
        ("no hint", retry()),
        ("hint", with_hint()),
        ("short total", with_hint().total(200.ms())),
    ]
}
// ANCHOR_END: retry_after

/// Returns the number of attempts.
async fn client(
    retry: Retry<'_, Closed>,
    opens: Instant,
) -> Result<u32, RetryError<Closed>> {
    let mut attempts = 0;
    let attempt = || {
        attempts += 1;
        call(opens)
    };
    match retry.run(attempt).await {
        Ok(()) => say!("served on attempt {attempts}"),
        Err(error) => {
            say!("gave up immediately after attempt {attempts}");
            return Err(error);
        }
    }
    Ok(attempts)
}

async fn call(opens: Instant) -> Result<(), Closed> {
    sleep(10.ms()).step("calling").await;
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
    /// no hint      █░░░░░░█░░░░░░░█░░░░░░░█░░░░░░░█░░░░░░░█✓
    /// hint         █░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░█✓
    /// short total  █✗
    /// ```
    #[test]
    fn a_client_with_a_hint_needs_two_attempts_or_gives_up_without_a_delay() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.010s] short total gave up immediately after attempt 1",
                "[  0.310s] hint served on attempt 2",
                "[  0.310s] no hint served on attempt 6",
            ]);
        });
    }

    #[test]
    fn two_attempts_are_enough_however_long_the_server_is_closed() {
        virtual_time(async {
            for closed in [20.ms(), 300.ms(), 100.secs()] {
                let (start, [_, (_, with_hint), _]) = (Instant::now(), policies());
                assert_eq!(client(with_hint, start + closed).await, Ok(2));
                assert_eq!(start.elapsed(), closed + 10.ms());
            }
        });
    }

    #[test]
    fn a_retry_whose_hint_exceeds_the_total_keeps_the_servers_error() {
        virtual_time(async {
            let [_, _, (_, with_total)] = policies();
            let error = client(with_total, Instant::now() + 300.ms()).await;
            let last = Closed { opens_in: 290.ms() };
            assert_eq!(error.expect_err("too little time").into_last(), Some(last));
        });
    }

    #[test]
    fn clients_with_the_same_hint_retry_at_the_same_time() {
        virtual_time(async {
            let opens = Instant::now() + 300.ms();
            let served = || async move {
                let [_, (_, with_hint), _] = policies();
                let attempts = client(with_hint, opens).await;
                (attempts, Instant::now())
            };
            let (first, second, third) = join!(served(), served(), served());
            for served in [first, second, third] {
                assert_eq!(served, (Ok(2), opens + 10.ms()));
            }
        });
    }
}
