//! A delay that grows asks a broken server ever less, and a maximum bounds how late one returns.
//!
//! In both languages the delays are a sequence, apart from the loop that sleeps through it: a
//! generator there, an iterator here. A fixed delay asks as often in the tenth minute of an
//! outage as in the first. A doubled one spares the server, but the client notices the end of the
//! outage late: its last wait may be as long as the outage was.

use std::time::Duration;

use async_kit::{Backoff, Lane, Millis, Retry, RetryError, knob, say};
use tokio::time::{Instant, sleep};

/// A server is down for 800 ms, and three clients wait for it, each in its own rhythm.
pub(crate) async fn run() -> anyhow::Result<()> {
    let outage = knob("outage", 800.ms(), 0.ms()..=2.secs());
    let first = knob("first", 100.ms(), 10.ms()..=1.secs());
    let max = knob("max", 200.ms(), 10.ms()..=1.secs());
    let up = Instant::now() + outage;
    let start = |(name, backoff)| tokio::spawn(answered(backoff, up).lane(name));
    for client in rhythms(first, max).map(start) {
        client.await??;
    }
    Ok(())
}

// ANCHOR: backoff
fn rhythms(first: Duration, max: Duration) -> [(&'static str, Backoff); 3] {
    [
        ("fixed", Backoff::fixed(first)),
        ("doubled", Backoff::exponential(first)),
        ("doubled, at most", Backoff::exponential(first).max(max)),
    ]
}

/// How many calls it took until the server was up.
async fn answered(backoff: Backoff, up: Instant) -> Result<u32, RetryError<Down>> {
    let mut calls = 0;
    let retry = Retry::new(backoff).attempts(u32::MAX);
    let call = || {
        calls += 1;
        ask(up)
    };
    retry.run(call).await?;
    say!("answered, call {calls}");
    Ok(calls)
}
// ANCHOR_END: backoff

#[derive(Debug, thiserror::Error)]
#[error("the server is down")]
struct Down;

async fn ask(up: Instant) -> Result<(), Down> {
    sleep(10.ms()).step("asking").await;
    if Instant::now() < up { Err(Down) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    ///                   0        300        600        900       1200       1500
    /// fixed             █░░░█░░░█░░░█░░░█░░░█░░░█░░░█░░░█✓
    /// doubled           █░░░█░░░░░░░█░░░░░░░░░░░░░░█░░░░░░░░░░░░░░░░░░░░░░░░░░░░░█✓
    /// doubled, at most  █░░░█░░░░░░░█░░░░░░░█░░░░░░░█░░░░░░░█✓
    /// ```
    #[test]
    fn doubled_delays_ask_half_as_often_as_fixed_ones() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.890s] fixed answered, call 9",
                "[  0.960s] doubled, at most answered, call 6",
                "[  1.550s] doubled answered, call 5",
            ]);
        });
    }

    #[test]
    fn a_maximum_bounds_how_long_the_end_of_an_outage_goes_unnoticed() {
        virtual_time(async {
            for outage in [305, 1_005, 3_005] {
                let up = Instant::now() + outage.ms();
                let doubled = Backoff::exponential(50.ms()).max(100.ms());
                answered(doubled, up).await.expect("it asks for ever");
                let unnoticed = up.elapsed();
                assert!(unnoticed <= 110.ms(), "{unnoticed:?} after {outage} ms");
            }
        });
    }

    #[test]
    fn a_server_that_is_up_is_asked_once() {
        virtual_time(async {
            let up = Instant::now();
            for (name, backoff) in rhythms(100.ms(), 200.ms()) {
                assert_eq!(answered(backoff, up).await.expect(name), 1, "{name}");
            }
        });
    }
}
