//! The time is divided: each question has a third of it.
//! message: The page stops waiting before its deadline.

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
    let mut trip = Vec::new();
    for (about, takes) in ["flight", "hotel", "car"].into_iter().zip(takes) {
        match timeout(LIMIT / 3, ask(about, takes)).await {
            Ok(answer) => trip.push(answer),
            Err(_late) => break,
        }
    }
    trip
}

fn main() {
    exercise::show(plan([150, 120, 60]));
}
