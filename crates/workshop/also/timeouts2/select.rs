//! A pinned `sleep` is the deadline, and `select!` waits for it and for each question.

use std::time::Duration;

use async_kit::{Lane, Millis, exercise};
use tokio::{pin, select, time::sleep};

const LIMIT: Duration = Duration::from_millis(200);

/// Do not change it: each question needs the answer to the question before.
async fn ask(about: &'static str, takes: u64) -> &'static str {
    sleep(takes.ms()).step("asking").lane(about).await;
    about
}

/// Plans a trip. `takes` has the time in milliseconds that each of the three answers needs.
async fn plan(takes: [u64; 3]) -> Vec<&'static str> {
    let deadline = sleep(LIMIT);
    pin!(deadline);
    let mut trip = Vec::new();
    for (about, takes) in ["flight", "hotel", "car"].into_iter().zip(takes) {
        select! {
            biased;
            answer = ask(about, takes) => trip.push(answer),
            () = &mut deadline => break,
        }
    }
    trip
}

fn main() {
    exercise::show(plan([150, 120, 60]));
}
