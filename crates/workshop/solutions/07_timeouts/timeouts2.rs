//! A `Duration` is how long one wait may take; an `Instant` is when the whole job must be over. It is
//! computed once, before the first question, and every question gets what is left until then.

use std::time::Duration;

use async_kit::{Lane, Millis, exercise};
use tokio::time::{Instant, sleep, timeout_at};

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
        match timeout_at(deadline, ask(about, takes)).await {
            Ok(answer) => trip.push(answer),
            Err(_late) => break,
        }
    }
    trip
}

fn main() {
    exercise::show(plan([150, 120, 60]));
}
