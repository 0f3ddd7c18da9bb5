//! A retry makes a limited number of attempts, and then returns the last error.
//!
//! asyncio and Tokio have no retry: in both it is a loop. In Python a decorator can contain the loop
//! and call the function again. In Rust a future runs only once, so the loop needs a closure that
//! makes a new future for each attempt. Zero attempts are impossible here: the loop always makes a
//! first attempt, and the kit's `Retry` panics.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use async_kit::{Backoff, Lane, Millis, Retry, RetryError, ask, knob, say};
use tokio::time::sleep;

/// The station is busy twice, so the third attempt succeeds.
pub(crate) async fn run() -> anyhow::Result<()> {
    let attempts = knob("attempts", 3, 1..=10);
    let failures = knob("failures", 2, 0..=10);
    ask("attempts=2", "does a delay follow the last error?");
    run_both(attempts, failures).await
}

async fn run_both(attempts: u32, failures: u32) -> anyhow::Result<()> {
    let by_hand = async move {
        let station = Station::busy(failures);
        report(by_hand(attempts, &station).await);
    };
    let as_a_policy = async move {
        let station = Station::busy(failures);
        report(as_a_policy(attempts, &station).await);
    };
    let by_hand = tokio::spawn(by_hand.lane("by hand"));
    let as_a_policy = tokio::spawn(as_a_policy.lane("as a policy"));
    by_hand.await?;
    Ok(as_a_policy.await?)
}

// ANCHOR: attempts
async fn by_hand(attempts: u32, station: &Station) -> Result<u32, Busy> {
    let mut attempt = 1;
    loop {
        match station.read().await {
            Err(error) if attempt < attempts => say!("attempt {attempt}: {error}"),
            outcome => return outcome,
        }
        sleep(100.ms()).await;
        attempt += 1;
    }
}

async fn as_a_policy(attempts: u32, station: &Station) -> Result<u32, RetryError<Busy>> {
    Retry::new(Backoff::fixed(100.ms()))
        .attempts(attempts)
        .on_retry(|attempt, _, error| say!("attempt {attempt}: {error}"))
        .run(|| station.read())
        .await
}
// ANCHOR_END: attempts

/// A weather station that fails a number of times, and then succeeds.
struct Station {
    /// The number of calls that will fail.
    failures: AtomicU32,
}

#[derive(Debug, thiserror::Error)]
#[error("the station is busy")]
struct Busy;

impl Station {
    fn busy(failures: u32) -> Self {
        Self { failures: failures.into() }
    }

    async fn read(&self) -> Result<u32, Busy> {
        sleep(20.ms()).step("reading").await;
        let one_less = |left: u32| left.checked_sub(1);
        match self.failures.fetch_update(Relaxed, Relaxed, one_less) {
            Ok(_) => Err(Busy),
            Err(_zero) => Ok(21),
        }
    }
}

fn report<E: Into<anyhow::Error>>(outcome: Result<u32, E>) {
    match outcome {
        Ok(degrees) => say!("{degrees} degrees"),
        Err(error) => say!("failed: {:#}", error.into()),
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    /// 0   20      120 140     240 260
    /// ████░░░░░░░░████░░░░░░░░████✓
    /// ```
    #[test]
    fn the_third_attempt_succeeds_after_two_delays() {
        virtual_time(async {
            Transcript::of(run_both(3, 2)).await.assert_lines([
                "[  0.020s] by hand attempt 1: the station is busy",
                "[  0.020s] as a policy attempt 1: the station is busy",
                "[  0.140s] by hand attempt 2: the station is busy",
                "[  0.140s] as a policy attempt 2: the station is busy",
                "[  0.260s] by hand 21 degrees",
                "[  0.260s] as a policy 21 degrees",
            ]);
        });
    }

    #[test]
    fn the_last_error_is_returned_and_no_delay_follows_it() {
        virtual_time(async {
            let seen = Transcript::of(run_both(2, 5)).await;
            seen.assert_at(140.ms(), "by hand failed: the station is busy");
            let error = "failed: gave up after attempt 2: the station is busy";
            seen.assert_at(140.ms(), &format!("as a policy {error}"));
            assert_eq!(seen.elapsed(), 140.ms(), "{seen}");
        });
    }

    #[test]
    fn the_loop_and_the_policy_make_the_same_number_of_attempts() {
        virtual_time(async {
            for (attempts, failures) in [(1, 0), (1, 1), (3, 2), (3, 3), (10, 4)] {
                let (first, second) = (Station::busy(failures), Station::busy(failures));
                let by_hand = by_hand(attempts, &first).await.is_ok();
                let as_a_policy = as_a_policy(attempts, &second).await.is_ok();
                let numbers = format!("{attempts} attempts, {failures} failures");
                assert_eq!(by_hand, failures < attempts, "{numbers}");
                assert_eq!(by_hand, as_a_policy, "{numbers}");
                assert_eq!(first.failures.load(Relaxed), second.failures.load(Relaxed));
            }
        });
    }

    #[test]
    #[should_panic = "at least one attempt"]
    fn zero_attempts_panic_instead_of_returning_no_result() {
        let _ = Retry::<Busy>::new(Backoff::none()).attempts(0);
    }
}
