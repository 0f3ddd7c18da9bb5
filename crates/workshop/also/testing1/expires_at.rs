//! The time until which the rate may be used is kept, instead of the time of the fetch.

use std::time::Duration;

use async_kit::{Millis, exercise, say};
use tokio::time::{Instant, sleep};

const HOUR: Duration = Duration::from_secs(60 * 60);
const MINUTE: Duration = Duration::from_secs(60);

#[derive(Default)]
struct Rates {
    /// The rate, and until when it may be used.
    kept: Option<(f64, Instant)>,
}

impl Rates {
    async fn rate(&mut self) -> f64 {
        if let Some((rate, expires_at)) = self.kept
            && Instant::now() < expires_at
        {
            return rate;
        }
        let rate = fetch().await;
        self.kept = Some((rate, Instant::now() + HOUR));
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
