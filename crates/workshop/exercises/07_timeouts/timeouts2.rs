//! timeouts2 · 10 minutes · answer at the deadline, with what is known by then
//!
//! A travel page plans a trip: it asks for a flight, then for a hotel where the flight arrives, then
//! for a car at that hotel. The page must answer after 200 ms at the latest, with the part of the trip
//! that is known by then. If all three answers come in time, it does not matter how long each one
//! took. Run the program and look at the timeline: the page answers too late.
//!
//! Section: `cargo run -p timeouts -- budget`. Code: crates/07-timeouts/src/budget.rs.
//! Page: docs/src/07-timeouts.md.

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
// TODO: the page must answer after `LIMIT` at the latest.
async fn plan(takes: [u64; 3]) -> Vec<&'static str> {
    let mut trip = Vec::new();
    for (about, takes) in ["flight", "hotel", "car"].into_iter().zip(takes) {
        match timeout(LIMIT, ask(about, takes)).await {
            Ok(answer) => trip.push(answer),
            Err(_late) => break,
        }
    }
    trip
}

fn main() {
    exercise::show(plan([150, 120, 60]));
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, exercise};

    use super::plan;

    #[test]
    fn check_1_the_page_answers_at_the_deadline_with_the_flight_it_has() {
        let run = exercise::observe(plan([150, 120, 60]));
        run.concurrently(
            "asking",
            1,
            "A question needs the answer to the question before, so they cannot overlap.",
        );
        run.takes_at_most(
            200.ms(),
            "Each question has a timeout of its own, which starts again. Or the clock is read only \
             between two questions. One point in time must be the limit of all three. \
             (`std::time::Instant` does not see this clock; use `tokio::time::Instant`.)",
        );
        run.takes(
            200.ms(),
            "The page stops waiting before its deadline. There is no limit for one question, only \
             for the page.",
        );
        run.returns(
            vec!["flight"],
            "A timeout drops the future that it limits, with everything that the future owns. So \
             the answers that have come must be outside it. The page returns them.",
        );
    }

    #[test]
    fn check_2_a_slow_answer_may_use_the_time_that_the_others_leave() {
        let run = exercise::observe(plan([20, 150, 20]));
        run.returns(
            vec!["flight", "hotel", "car"],
            "All three need 190 ms together. There is no limit for one question, only for the page.",
        );
        run.takes(
            190.ms(),
            "A page that has all the answers does not wait for its deadline.",
        );
    }
}
