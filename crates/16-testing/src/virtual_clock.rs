//! In virtual time a day of waiting takes no time, because the clock jumps to the next timer.
//!
//! asyncio: nothing of the kind. A test waits for real, or patches `asyncio.sleep` and with it the
//! order of everything. Tokio: a paused clock stands still while any task can run, and jumps when
//! all of them wait. What asks another clock, such as `std::time::Instant`, is not taken along.
#![cfg(not(target_family = "wasm"))]

use std::time::Duration;

use async_kit::{say, virtual_time};
use tokio::time::{Instant, sleep};

use crate::verdict::run_test;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A session lives for a day. The test waits for it, and looks at two clocks.
pub(crate) async fn run() -> anyhow::Result<()> {
    let wall = std::time::Instant::now();
    let lived = run_test(|| virtual_time(life_of_a_session(DAY))).await?;
    say!("on the clock of the program a session lived for {} hours", hours(lived));
    let waited = wall.elapsed();
    anyhow::ensure!(waited < Duration::from_secs(60), "this took {waited:?} for real");
    say!("on the clock of the wall this took less than a minute");

    let wrong = run_test(|| virtual_time(measured_by_the_wall())).await?;
    say!("by std::time::Instant, which no test can turn: {} hours", hours(wrong));
    Ok(())
}

fn hours(time: Duration) -> u64 {
    time.as_secs() / 3600
}

// ANCHOR: session
/// Ends when nobody has used it for a while.
struct Session {
    used: Instant,
    lives: Duration,
}

impl Session {
    fn open(lives: Duration) -> Self {
        Self { used: Instant::now(), lives }
    }

    /// Whether it was still open; if so, it is renewed.
    fn touch(&mut self) -> bool {
        let open = self.used.elapsed() < self.lives;
        if open {
            self.used = Instant::now();
        }
        open
    }
}
// ANCHOR_END: session

async fn life_of_a_session(lives: Duration) -> Duration {
    let (mut session, start) = (Session::open(lives), Instant::now());
    sleep(lives / 2).await;
    assert!(session.touch(), "half a life is no end");
    sleep(lives / 2).await;
    assert!(session.touch(), "it was renewed");
    start.elapsed()
}

/// The trap: this clock goes on for real, so that a test sees nothing of the day.
async fn measured_by_the_wall() -> Duration {
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
    fn a_session_ends_after_a_day_without_use_and_not_a_second_before() {
        virtual_time(async {
            let mut session = Session::open(DAY);
            sleep(DAY - 1.secs()).await;
            assert!(session.touch());
            sleep(DAY).await;
            assert!(!session.touch());
        });
    }

    #[test]
    fn each_use_renews_it_for_a_whole_day() {
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
    /// `sleep` lets the others run at each moment between; `advance` jumps over them at once, so
    /// that what ticks finds itself late. Take `sleep`, unless being late is what you test.
    #[tokio::test(start_paused = true)]
    async fn advance_makes_timers_late_and_sleep_does_not() {
        assert_eq!(ticks_of_an_hour(sleep(3600.secs())).await, [0, 1200, 2400, 3600]);
        assert_eq!(ticks_of_an_hour(advance(3600.secs())).await, [0, 3600, 3600, 3600]);
    }
    // ANCHOR_END: advance

    /// At which seconds an interval of twenty minutes ticked.
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
    async fn the_run_tells_a_day_from_no_time() {
        let seen = Transcript::of(run()).await.to_string();
        assert!(seen.contains("lived for 24 hours"), "{seen}");
        assert!(seen.contains("no test can turn: 0 hours"), "{seen}");
    }
}
