//! Doubled delays send fewer requests to a broken server, and a maximum bounds the last delay.
//!
//! In both languages the delays are a sequence, separate from the loop that sleeps: a generator in
//! Python, an iterator in Rust. A fixed delay sends as many requests in the tenth minute of an outage
//! as in the first. A doubled delay reduces the load, but the client notices the end of the outage
//! late: its last delay may be as long as the outage was.

use std::time::Duration;

use async_kit::{Backoff, Lane, Millis, Retry, RetryError, ask, knob, say};
use tokio::time::{Instant, sleep};

/// A server is down for 800 ms, and three clients retry, each with its own delays.
pub(crate) async fn run() -> anyhow::Result<()> {
    let outage = knob("outage", 800.ms(), 0.ms()..=2.secs());
    let first = knob("first", 100.ms(), 10.ms()..=1.secs());
    let max = knob("max", 200.ms(), 10.ms()..=1.secs());
    ask("outage=1600ms", "how long after the end of the outage does `doubled` succeed?");
    let up = Instant::now() + outage;
    let start = |(name, backoff)| tokio::spawn(call_until_up(backoff, up).lane(name));
    for client in backoffs(first, max).map(start) {
        client.await??;
    }
    Ok(())
}

// ANCHOR: backoff
fn backoffs(first: Duration, max: Duration) -> [(&'static str, Backoff); 3] {
    [
        ("fixed", Backoff::fixed(first)),
        ("doubled", Backoff::exponential(first)),
        ("bounded", Backoff::exponential(first).max(max)),
    ]
}

/// Returns the number of attempts that were needed.
async fn call_until_up(backoff: Backoff, up: Instant) -> Result<u32, RetryError<Down>> {
    let mut attempts = 0;
    let retry = Retry::new(backoff).attempts(u32::MAX);
    let attempt = || {
        attempts += 1;
        call(up)
    };
    retry.run(attempt).await?;
    say!("succeeded on attempt {attempts}");
    Ok(attempts)
}
// ANCHOR_END: backoff

#[derive(Debug, thiserror::Error)]
#[error("the server is down")]
struct Down;

async fn call(up: Instant) -> Result<(), Down> {
    sleep(10.ms()).step("calling").await;
    if Instant::now() < up { Err(Down) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    ///          0        300        600        900       1200       1500
    /// fixed    █░░░█░░░█░░░█░░░█░░░█░░░█░░░█░░░█✓
    /// doubled  █░░░█░░░░░░░█░░░░░░░░░░░░░░█░░░░░░░░░░░░░░░░░░░░░░░░░░░░░█✓
    /// bounded  █░░░█░░░░░░░█░░░░░░░█░░░░░░░█░░░░░░░█✓
    /// ```
    #[test]
    fn doubled_delays_need_about_half_as_many_calls_as_fixed_ones() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.890s] fixed succeeded on attempt 9",
                "[  0.960s] bounded succeeded on attempt 6",
                "[  1.550s] doubled succeeded on attempt 5",
            ]);
        });
    }

    #[test]
    fn a_maximum_bounds_how_late_a_client_notices_the_end_of_an_outage() {
        virtual_time(async {
            for outage in [305, 1_005, 3_005] {
                let up = Instant::now() + outage.ms();
                let doubled = Backoff::exponential(50.ms()).max(100.ms());
                call_until_up(doubled, up).await.expect("it retries until it succeeds");
                let late = up.elapsed();
                assert!(late <= 110.ms(), "{late:?} late after {outage} ms");
            }
        });
    }

    #[test]
    fn a_server_that_is_up_is_called_once() {
        virtual_time(async {
            let up = Instant::now();
            for (name, backoff) in backoffs(100.ms(), 200.ms()) {
                assert_eq!(call_until_up(backoff, up).await.expect(name), 1, "{name}");
            }
        });
    }
}
