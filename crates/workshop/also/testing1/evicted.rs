//! A task forgets the rate after an hour.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_kit::{Millis, exercise, say};
use tokio::time::sleep;

const HOUR: Duration = Duration::from_secs(60 * 60);
const MINUTE: Duration = Duration::from_secs(60);

#[derive(Default)]
struct Rates {
    /// The rate, and when it was fetched.
    kept: Arc<Mutex<Option<f64>>>,
}

impl Rates {
    async fn rate(&mut self) -> f64 {
        if let Some(rate) = *self.kept.lock().unwrap() {
            return rate;
        }
        let rate = fetch().await;
        *self.kept.lock().unwrap() = Some(rate);
        let kept = Arc::clone(&self.kept);
        tokio::spawn(async move {
            sleep(HOUR).await;
            *kept.lock().unwrap() = None;
        });
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
