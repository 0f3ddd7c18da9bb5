//! Every call logs how it ended (done, failed, cancelled or by a panic) and how long it took.
//!
//! asyncio: a decorator with `functools.wraps` and an `except asyncio.CancelledError`, which is
//! easily forgotten, because `except Exception` does not catch it. Tokio: when a future is dropped,
//! none of its code runs except `drop`. So a guard reports the end.

use std::{fmt::Display, thread, time::Duration};

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::time::{Instant, sleep, timeout};
use tracing::{error, info, warn};

/// Three look-ups: one succeeds, one fails, and one takes longer than the limit.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 200.ms(), 10.ms()..=1.secs());
    ask("limit=80ms", "which look-up still fails, and which are cancelled?");
    let users = [("ada", 100.ms()), ("bob", 50.ms()), ("eve", 500.ms())];
    for look_up in users.map(|(name, delay)| tokio::spawn(look_up(limit, name, delay))) {
        look_up.await?;
    }
    Ok(())
}

async fn look_up(limit: Duration, name: &str, delay: Duration) {
    let age = timed("age_of", age_of(name, delay)).try_lane(name);
    match timeout(limit, age).await {
        Ok(Ok(age)) => say!("{name} is {age}"),
        Ok(Err(_)) => say!("{name} is unknown"),
        Err(_) => say!("{name} timed out"),
    }
}

async fn age_of(name: &str, delay: Duration) -> Result<u32, String> {
    sleep(delay).step("looking up").await;
    if name == "bob" { Err(format!("no user is called {name}")) } else { Ok(36) }
}

// ANCHOR: timed
/// Awaits `work`, logs how it ended, and returns its result.
async fn timed<T, E: Display>(
    call: &'static str,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let mut timer = Timer { call, since: Instant::now(), ended: false };
    let result = work.await;
    timer.ended = true;
    match &result {
        Ok(_) => info!(%call, ms = timer.ms(), "done"),
        Err(error) => error!(%call, ms = timer.ms(), %error, "failed"),
    }
    result
}

struct Timer {
    call: &'static str,
    since: Instant,
    ended: bool,
}

impl Timer {
    fn ms(&self) -> u128 {
        self.since.elapsed().as_millis()
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        let (call, ms) = (self.call, self.ms());
        if thread::panicking() {
            // `work` panicked, or another future in the same task panicked.
            error!(%call, ms, "ended by a panic");
        } else if !self.ended {
            warn!(%call, ms, "cancelled");
        }
    }
}
// ANCHOR_END: timed

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, future::pending};

    use async_kit::{Transcript, cancel_at_every_await, stage::Cut, virtual_time};
    use tracing::subscriber::set_default;

    use super::*;
    use crate::{captured_log::CapturedLog, logs};

    /// ```text
    /// 0      50     100    200    ...   500
    /// ada ██████████✓
    /// bob ████✗
    /// eve █████████████████⊘              (her look-up would end here)
    /// ```
    #[test]
    fn each_call_logs_its_name_its_outcome_and_its_duration() {
        logs::init();
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.050s] bob ERROR failed call=age_of ms=50 error=no user is called bob",
            "[  0.050s] bob is unknown",
            "[  0.100s] ada INFO done call=age_of ms=100",
            "[  0.100s] ada is 36",
            "[  0.200s] eve WARN cancelled call=age_of ms=200",
            "[  0.200s] eve timed out",
        ]);
    }

    // ANCHOR: captures
    #[test]
    fn a_failure_is_logged_and_still_returned() {
        let log = CapturedLog::default();
        let _capturing = set_default(log.subscriber());
        let result = virtual_time(timed("save", async { Err::<(), _>("disk full") }));
        assert_eq!(result, Err("disk full"));
        assert_eq!(log.lines(), ["ERROR failed call=save ms=0 error=disk full"]);
    }
    // ANCHOR_END: captures

    #[test]
    fn a_call_cancelled_at_any_await_logs_it_once() {
        let cuts = cancel_at_every_await(
            async || {
                let log = CapturedLog::default();
                let capturing = set_default(log.subscriber());
                (log, capturing)
            },
            async |_| {
                let naps = async {
                    sleep(10.ms()).await;
                    sleep(10.ms()).await;
                    Ok::<_, Infallible>(())
                };
                timed("naps", naps).await
            },
            async |(log, _), cut| {
                let lines = log.lines();
                if cut == Cut::BeforeFirstPoll {
                    assert!(lines.is_empty(), "the call had not started: {lines:?}");
                } else {
                    assert_eq!(lines.len(), 1, "{cut}: {lines:?}");
                    assert!(
                        lines[0].starts_with("WARN cancelled call=naps"),
                        "{lines:?}"
                    );
                }
            },
        );
        assert_eq!(cuts, 5);
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_and_a_cancellation_are_logged_differently() {
        let log = CapturedLog::default();
        let _capturing = set_default(log.subscriber());
        let work = timed::<(), Infallible>("shine", async { panic!("no oil") });
        assert!(tokio::spawn(work).await.expect_err("a panic").is_panic());
        let aborted = tokio::spawn(timed::<(), Infallible>("shine", pending()));
        tokio::task::yield_now().await;
        aborted.abort();
        assert!(aborted.await.expect_err("an abort").is_cancelled());
        assert_eq!(
            log.lines(),
            ["ERROR ended by a panic call=shine ms=0", "WARN cancelled call=shine ms=0"]
        );
    }
}
