//! The age is the difference of both clocks.
//! message: Both ends of it are times of the same clock.

use std::time::Duration;

use async_kit::{Millis, exercise, say};
use tokio::time::{Instant, sleep};

const HOUR: Duration = Duration::from_secs(60 * 60);
const MINUTE: Duration = Duration::from_secs(60);

#[derive(Default)]
struct Rates {
    /// The rate, and when it was fetched.
    kept: Option<(f64, Instant)>,
}

impl Rates {
    async fn rate(&mut self) -> f64 {
        if let Some((rate, fetched)) = self.kept
            && fetched.elapsed() < HOUR
        {
            return rate;
        }
        let rate = fetch().await;
        self.kept = Some((rate, Instant::from_std(std::time::Instant::now())));
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
