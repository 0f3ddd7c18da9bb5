//! A retry makes at most so many attempts, and what comes out at last is the last error.
//!
//! asyncio and Tokio have no retry: in both it is a loop. In Python one hides it in a decorator;
//! in Rust a closure does, because it can be called again where a future runs only once. Nobody
//! can ask for zero attempts here: the plain loop has no such case, and the kit's refuses it.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use async_kit::{Backoff, Lane, Millis, Retry, RetryError, knob, say};
use tokio::time::sleep;

/// The station is busy twice, so the third attempt gets an answer.
pub(crate) async fn run() -> anyhow::Result<()> {
    let attempts = knob("attempts", 3, 1..=10);
    let failures = knob("failures", 2, 0..=10);
    both_ways(attempts, failures).await
}

async fn both_ways(attempts: u32, failures: u32) -> anyhow::Result<()> {
    let by_hand = async move {
        let station = Station::busy(failures);
        tell(by_hand(attempts, &station).await);
    };
    let as_a_policy = async move {
        let station = Station::busy(failures);
        tell(as_a_policy(attempts, &station).await);
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
        match station.ask().await {
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
        .run(|| station.ask())
        .await
}
// ANCHOR_END: attempts

/// A weather station that is busy so many times before it answers.
struct Station {
    failures: AtomicU32,
}

#[derive(Debug, thiserror::Error)]
#[error("the station is busy")]
struct Busy;

impl Station {
    fn busy(failures: u32) -> Self {
        Self { failures: failures.into() }
    }

    async fn ask(&self) -> Result<u32, Busy> {
        sleep(20.ms()).step("asking").await;
        let one_less = |left: u32| left.checked_sub(1);
        match self.failures.fetch_update(Relaxed, Relaxed, one_less) {
            Ok(_) => Err(Busy),
            Err(_none) => Ok(21),
        }
    }
}

fn tell<E: Into<anyhow::Error>>(outcome: Result<u32, E>) {
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
    fn the_third_attempt_answers_after_two_pauses() {
        virtual_time(async {
            Transcript::of(both_ways(3, 2)).await.assert_lines([
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
    fn the_last_error_comes_out_and_no_pause_follows_it() {
        virtual_time(async {
            let seen = Transcript::of(both_ways(2, 5)).await;
            seen.assert_at(140.ms(), "by hand failed: the station is busy");
            let told = "failed: gave up after attempt 2: the station is busy";
            seen.assert_at(140.ms(), &format!("as a policy {told}"));
            assert_eq!(seen.elapsed(), 140.ms(), "{seen}");
        });
    }

    #[test]
    fn both_ways_ask_equally_often_whatever_the_numbers() {
        virtual_time(async {
            for (attempts, failures) in [(1, 0), (1, 1), (3, 2), (3, 3), (10, 4)] {
                let (one, other) = (Station::busy(failures), Station::busy(failures));
                let by_hand = by_hand(attempts, &one).await.is_ok();
                let as_a_policy = as_a_policy(attempts, &other).await.is_ok();
                assert_eq!(by_hand, failures < attempts, "{attempts} and {failures}");
                assert_eq!(by_hand, as_a_policy, "{attempts} and {failures}");
                assert_eq!(one.failures.load(Relaxed), other.failures.load(Relaxed));
            }
        });
    }

    #[test]
    #[should_panic = "at least one attempt"]
    fn zero_attempts_are_refused_and_not_passed_off_as_nothing() {
        let _ = Retry::<Busy>::new(Backoff::none()).attempts(0);
    }
}
