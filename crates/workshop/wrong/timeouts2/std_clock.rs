//! The deadline is right, but by the clock of the machine, which does not see virtual time.
//! message: `std::time::Instant` does not see this clock

use std::time::{Duration, Instant};

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
    let deadline = Instant::now() + LIMIT;
    let mut trip = Vec::new();
    for (about, takes) in ["flight", "hotel", "car"].into_iter().zip(takes) {
        let left = deadline.saturating_duration_since(Instant::now());
        match timeout(left, ask(about, takes)).await {
            Ok(answer) => trip.push(answer),
            Err(_late) => break,
        }
    }
    trip
}

fn main() {
    exercise::show(plan([150, 120, 60]));
}
