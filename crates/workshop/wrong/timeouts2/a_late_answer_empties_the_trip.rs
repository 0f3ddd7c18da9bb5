//! A late answer makes the whole trip empty.
//! message: So the answers that have come must be outside it. The page returns them.

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
    let deadline = tokio::time::Instant::now() + LIMIT;
    let mut trip = Vec::new();
    for (about, takes) in ["flight", "hotel", "car"].into_iter().zip(takes) {
        match tokio::time::timeout_at(deadline, ask(about, takes)).await {
            Ok(answer) => trip.push(answer),
            Err(_late) => return Vec::new(),
        }
    }
    trip
}

fn main() {
    exercise::show(plan([150, 120, 60]));
}
