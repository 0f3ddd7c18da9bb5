//! Whatever ends a call, its log says so: done, failed, cancelled or cut short by a
//! panic, and after how long.
//!
//! asyncio: a decorator with `functools.wraps`, and an `except asyncio.CancelledError` that is
//! easily forgotten, because `except Exception` does not catch it. Tokio: no line of a future
//! runs when it is dropped, except `drop`. So what reports the end is a guard.

use std::{fmt::Display, thread, time::Duration};

use async_kit::{Lane, Millis, knob, say};
use tokio::time::{Instant, sleep, timeout};
use tracing::{error, info, warn};

/// Three look-ups: one succeeds, one fails, and one takes longer than anybody waits.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 200.ms(), 10.ms()..=1.secs());
    let ask = |name, takes| tokio::spawn(ask(limit, name, takes));
    for asked in [ask("ada", 100.ms()), ask("bob", 50.ms()), ask("eve", 500.ms())] {
        asked.await?;
    }
    Ok(())
}

async fn ask(limit: Duration, name: &str, takes: Duration) {
    let asked = timed("age_of", age_of(name, takes)).try_lane(name);
    match timeout(limit, asked).await {
        Ok(Ok(age)) => say!("{name} is {age}"),
        Ok(Err(_)) => say!("{name} is unknown"),
        Err(_) => say!("{name} was given up"),
    }
}

async fn age_of(name: &str, takes: Duration) -> Result<u32, String> {
    sleep(takes).step("looking up").await;
    if name == "bob" { Err(format!("nobody is called {name}")) } else { Ok(36) }
}

// ANCHOR: timed
/// Runs `work`, logs how it ended, and returns what it returned.
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
            // Its own panic, or that of a neighbour in the same task.
            error!(%call, ms, "cut short by a panic");
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
    use crate::{captured::Captured, logs};

    /// ```text
    /// 0      50     100    200    ...   500
    /// ada ██████████✓
    /// bob ████✗
    /// eve █████████████████⊘              (she would be found here)
    /// ```
    #[test]
    fn each_call_tells_its_name_its_end_and_its_time() {
        logs::init();
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.050s] bob ERROR failed call=age_of ms=50 error=nobody is called bob",
            "[  0.050s] bob is unknown",
            "[  0.100s] ada INFO done call=age_of ms=100",
            "[  0.100s] ada is 36",
            "[  0.200s] eve WARN cancelled call=age_of ms=200",
            "[  0.200s] eve was given up",
        ]);
    }

    // ANCHOR: captures
    #[test]
    fn a_failure_is_logged_and_still_returned() {
        let log = Captured::default();
        let _capturing = set_default(log.subscriber());
        let result = virtual_time(timed("save", async { Err::<(), _>("disk full") }));
        assert_eq!(result, Err("disk full"));
        assert_eq!(log.lines(), ["ERROR failed call=save ms=0 error=disk full"]);
    }
    // ANCHOR_END: captures

    #[test]
    fn a_cancelled_call_says_so_once_wherever_it_is_cancelled() {
        let cuts = cancel_at_every_await(
            async || {
                let log = Captured::default();
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
                    assert!(lines.is_empty(), "it had not begun: {lines:?}");
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
    async fn a_panic_is_told_apart_from_a_cancel() {
        let log = Captured::default();
        let _capturing = set_default(log.subscriber());
        let work = timed::<(), Infallible>("shine", async { panic!("no oil") });
        assert!(tokio::spawn(work).await.expect_err("a panic").is_panic());
        let aborted = tokio::spawn(timed::<(), Infallible>("shine", pending()));
        tokio::task::yield_now().await;
        aborted.abort();
        assert!(aborted.await.expect_err("an abort").is_cancelled());
        assert_eq!(
            log.lines(),
            [
                "ERROR cut short by a panic call=shine ms=0",
                "WARN cancelled call=shine ms=0"
            ]
        );
    }
}
