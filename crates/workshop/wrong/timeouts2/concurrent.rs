//! All three questions are asked concurrently, though each needs the answer before.
//! message: A question needs the answer to the question before, so they cannot overlap.

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
    let questions = ["flight", "hotel", "car"].into_iter().zip(takes);
    let answers = questions.map(|(about, takes)| timeout(LIMIT, ask(about, takes)));
    futures::future::join_all(answers).await.into_iter().flatten().collect()
}

fn main() {
    exercise::show(plan([150, 120, 60]));
}
