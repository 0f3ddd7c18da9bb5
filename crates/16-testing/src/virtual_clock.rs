//! In virtual time a day of waiting takes no time, because the clock jumps to the next timer.
//!
//! asyncio: there is no virtual clock. A test waits for real, or it patches `asyncio.sleep`, which
//! changes the order of all tasks. Tokio: a paused clock stops while any task can run, and jumps
//! when all tasks wait. Code that reads another clock, such as `std::time::Instant`, still sees real
//! time.
#![cfg(not(target_family = "wasm"))]

use std::time::Duration;

use async_kit::{say, virtual_time};
use tokio::time::{Instant, sleep};

use crate::harness::run_test;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A session is valid for a day. The test waits for a day, and compares two clocks.
pub(crate) async fn run() -> anyhow::Result<()> {
    let wall = std::time::Instant::now();
    let used = run_test(|| virtual_time(use_a_session(DAY))).await?;
    say!("in virtual time the session was used for {} hours", hours(used));
    let waited = wall.elapsed();
    anyhow::ensure!(
        waited < Duration::from_secs(60),
        "this took {waited:?} of real time"
    );
    say!("in real time this took less than a minute");

    let wrong = run_test(|| virtual_time(measured_in_real_time())).await?;
    say!("std::time::Instant, which no test can pause, measured {} hours", hours(wrong));
    Ok(())
}

fn hours(time: Duration) -> u64 {
    time.as_secs() / 3600
}

// ANCHOR: session
/// Expires when it was not used for `max_idle`.
struct Session {
    last_used: Instant,
    max_idle: Duration,
}

impl Session {
    fn open(max_idle: Duration) -> Self {
        Self { last_used: Instant::now(), max_idle }
    }

    /// Renews the session and returns true, unless it has expired.
    fn touch(&mut self) -> bool {
        let open = self.last_used.elapsed() < self.max_idle;
        if open {
            self.last_used = Instant::now();
        }
        open
    }
}
// ANCHOR_END: session

async fn use_a_session(max_idle: Duration) -> Duration {
    let (mut session, start) = (Session::open(max_idle), Instant::now());
    sleep(max_idle / 2).await;
    assert!(session.touch(), "the session expired after half of its time");
    sleep(max_idle / 2).await;
    assert!(session.touch(), "the first touch did not renew the session");
    start.elapsed()
}

/// The trap: `std::time::Instant` measures real time, so it does not measure the virtual day.
async fn measured_in_real_time() -> Duration {
    let start = std::time::Instant::now();
    sleep(DAY).await;
    start.elapsed()
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, Transcript};
    use tokio::{
        select,
        time::{advance, interval},
    };

    use super::*;

    // ANCHOR: tests
    #[test]
    fn a_session_expires_after_a_day_without_use_and_not_a_second_earlier() {
        virtual_time(async {
            let mut session = Session::open(DAY);
            sleep(DAY - 1.secs()).await;
            assert!(session.touch());
            sleep(DAY).await;
            assert!(!session.touch());
        });
    }

    #[test]
    fn each_use_renews_a_session_for_a_whole_day() {
        virtual_time(async {
            let mut session = Session::open(DAY);
            for _ in 0..7 {
                sleep(DAY / 2).await;
                assert!(session.touch());
            }
        });
    }
    // ANCHOR_END: tests

    // ANCHOR: advance
    /// During `sleep` every timer fires at its own time. `advance` jumps over these times, so the
    /// timers fire late. Use `sleep`, unless you test how the program handles a late timer.
    #[tokio::test(start_paused = true)]
    async fn advance_makes_timers_late_and_sleep_does_not() {
        assert_eq!(ticks_of_an_hour(sleep(3600.secs())).await, [0, 1200, 2400, 3600]);
        assert_eq!(ticks_of_an_hour(advance(3600.secs())).await, [0, 3600, 3600, 3600]);
    }
    // ANCHOR_END: advance

    /// Returns the seconds at which an interval of twenty minutes ticked.
    async fn ticks_of_an_hour(passing: impl Future<Output = ()>) -> Vec<u64> {
        let (mut ticks, start) = (interval(1200.secs()), Instant::now());
        let (mut seen, mut passed) = (Vec::new(), false);
        tokio::pin!(passing);
        while seen.len() < 4 {
            select! {
                biased;
                _ = ticks.tick() => seen.push(start.elapsed().as_secs()),
                () = &mut passing, if !passed => passed = true,
            }
        }
        seen
    }

    #[test]
    fn timers_count_whole_milliseconds_and_never_fire_early() {
        virtual_time(async {
            let start = Instant::now();
            sleep(Duration::from_micros(1)).await;
            assert_eq!(start.elapsed(), 1.ms());
        });
    }

    #[tokio::test]
    async fn the_run_shows_a_virtual_day_and_no_real_hour() {
        let seen = Transcript::of(run()).await.to_string();
        assert!(seen.contains("was used for 24 hours"), "{seen}");
        assert!(seen.contains("no test can pause, measured 0 hours"), "{seen}");
    }
}
