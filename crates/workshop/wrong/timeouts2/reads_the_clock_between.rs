//! The clock is read between two questions, and nothing limits the question itself.
//! message: Or the clock is read only between two questions.

use std::time::Duration;

use async_kit::{Lane, Millis, exercise};
use tokio::time::{sleep, timeout};

const LIMIT: Duration = Duration::from_millis(200);

/// Do not change it: each question needs the answer to the question before.
async fn ask(about: &'static str, takes: u64) -> &'static str {
    sleep(takes.ms()).step("asking").lane(about).await;
    about
}

/// Plans a trip. `takes` has the time in milliseconds that each of the three answers needs.
async fn plan(takes: [u64; 3]) -> Vec<&'static str> {
    let start = tokio::time::Instant::now();
    let mut trip = Vec::new();
    for (about, takes) in ["flight", "hotel", "car"].into_iter().zip(takes) {
        if start.elapsed() >= LIMIT {
            break;
        }
        trip.push(ask(about, takes).await);
    }
    trip
}

fn main() {
    exercise::show(plan([150, 120, 60]));
}
