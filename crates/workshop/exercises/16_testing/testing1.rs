//! testing1 · 5 minutes · make code testable in virtual time
//!
//! `Rates` fetches an exchange rate and keeps it: within an hour the same rate is returned without
//! a fetch. The test reads the rate several times in two and a half hours of virtual time. Run the
//! program: the rate is fetched once, and then it never becomes too old. In production, after a
//! real hour, it does. Change `Rates` so that a test in virtual time can see what happens in
//! production.
//!
//! Section: `cargo run -p testing -- virtual_clock`. Code: crates/16-testing/src/virtual_clock.rs.
//! Page: docs/src/16-testing.md.

use std::time::{Duration, Instant};

use async_kit::{Millis, exercise, say};
use tokio::time::sleep;

const HOUR: Duration = Duration::from_secs(60 * 60);
const MINUTE: Duration = Duration::from_secs(60);

#[derive(Default)]
struct Rates {
    /// The rate, and when it was fetched.
    kept: Option<(f64, Instant)>,
}

impl Rates {
    // TODO: make the age of the rate visible to a test in virtual time.
    async fn rate(&mut self) -> f64 {
        if let Some((rate, fetched)) = self.kept
            && fetched.elapsed() < HOUR
        {
            return rate;
        }
        let rate = fetch().await;
        self.kept = Some((rate, Instant::now()));
        rate
    }
}

/// Given code: do not change it.
async fn fetch() -> f64 {
    say!("fetches the rate");
    sleep(100.ms()).await;
    1.08
}

/// Reads the rate, waits for so many minutes, and reads it again. Given code: do not change it.
async fn run(pauses: Vec<u32>) {
    let mut rates = Rates::default();
    assert_eq!(rates.rate().await, 1.08);
    for minutes in pauses {
        sleep(MINUTE * minutes).await;
        assert_eq!(rates.rate().await, 1.08);
    }
}

fn main() {
    exercise::show(run(vec![30, 20, 25, 50, 25]));
}

#[cfg(test)]
mod tests {
    use async_kit::exercise;

    use super::run;

    #[track_caller]
    fn assert_fetches(pauses: &[u32], wanted: usize, likely: &str) {
        let run = exercise::observe(run(pauses.to_vec()));
        let count = run.lines().len();
        let happened =
            format!("with pauses of {pauses:?} minutes it fetches {count} times");
        run.require(count == wanted, happened, format!("{wanted} times"), likely);
    }

    #[test]
    fn an_old_rate_is_fetched_again_and_a_young_one_is_not() {
        assert_fetches(&[59], 1, "Within an hour the rate that is kept is returned.");
        let clock = "Only `tokio::time` uses the clock of the test. The clock of `std` \
                     measures real time, and in real time this test takes less than a \
                     second.";
        assert_fetches(&[61], 2, clock);
        assert_fetches(&[61, 61], 3, clock);
        let hour = "The hour begins when the rate is fetched, not when it was last read. Both ends \
                    of it are times of the same clock.";
        assert_fetches(&[30, 20, 25, 50, 25], 3, hour);
    }
}
