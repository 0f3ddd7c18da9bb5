//! One timeout around the whole loop; the trip lies outside, so that it survives the timeout.

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
    let questions = async {
        for (about, takes) in ["flight", "hotel", "car"].into_iter().zip(takes) {
            trip.push(ask(about, takes).await);
        }
    };
    // Late or not: the page answers with what is known.
    let _ = timeout(LIMIT, questions).await;
    trip
}

fn main() {
    exercise::show(plan([150, 120, 60]));
}
