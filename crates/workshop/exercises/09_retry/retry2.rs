//! retry2 · 15 minutes · retry what may succeed, and wait longer each time
//!
//! A shop asks a carrier where a parcel is. Write `track`, as a loop or with `async_kit::Retry`:
//!
//! - It asks at most four times.
//! - If the carrier is overloaded, it waits before the next attempt: 100 ms, then 200 ms, then 400 ms.
//!   Any other failure is returned immediately.
//! - After the last attempt it returns the failure of that attempt.
//!
//! Section: `cargo run -p retry -- classify`. Code: crates/09-retry/src/classify.rs.
//! Page: docs/src/09-retry.md.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use async_kit::{Lane, Millis, exercise, say};
use tokio::time::sleep;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Failure {
    Overloaded,
    NoSuchParcel,
}

type Answer = Result<&'static str, Failure>;

// TODO: ask again, as described above.
async fn track(carrier: &Carrier) -> Answer {
    carrier.ask().await
}

/// Do not change it: a carrier that gives these answers, and then finds the parcel.
struct Carrier {
    answers: &'static [Answer],
    asked: AtomicUsize,
}

impl Carrier {
    async fn ask(&self) -> Answer {
        say!("asks");
        sleep(20.ms()).step("asking").lane("carrier").await;
        let number = self.asked.fetch_add(1, Relaxed);
        self.answers.get(number).copied().unwrap_or(Ok("in Lyon"))
    }
}

async fn run(answers: &'static [Answer]) -> Answer {
    track(&Carrier { answers, asked: 0.into() }).await
}

const BUSY: Answer = Err(Failure::Overloaded);
const NO_PARCEL: Answer = Err(Failure::NoSuchParcel);

fn main() {
    exercise::show(run(&[BUSY, BUSY, NO_PARCEL]));
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use async_kit::{Millis, exercise};

    use super::{Answer, BUSY, NO_PARCEL, run};

    type Run = exercise::Observed<Answer>;

    const AGAIN: &str = "If the carrier was overloaded, the next attempt may succeed: ask again, up \
                         to four times, the first one included.";
    const DELAYS: &str = "A delay begins when an attempt has failed, which takes 20 ms. The first \
                          one is 100 ms, and each later one is twice as long.";

    fn asks_at(answers: &'static [Answer], times: &[u128], too_often: &str) -> Run {
        let run = exercise::observe(run(answers));
        let asks: Vec<_> = run.lines().iter().map(|line| line.at.as_millis()).collect();
        let mistake = match asks.len().cmp(&times.len()) {
            Ordering::Less => AGAIN,
            Ordering::Equal => DELAYS,
            Ordering::Greater => too_often,
        };
        let (happened, expected) =
            (format!("asks at {asks:?} ms"), format!("asks at {times:?} ms"));
        run.require(asks == times, happened, expected, mistake);
        run
    }

    #[test]
    fn a_failure_that_stays_is_not_repeated() {
        let permanent = "A parcel that does not exist will not exist at the next attempt either. Only \
                         `Overloaded` is transient.";
        asks_at(&[NO_PARCEL], &[0], permanent).returns(NO_PARCEL, permanent);
        let newest =
            "The failure of the last attempt is the newest, and explains the outcome.";
        asks_at(&[BUSY, NO_PARCEL], &[0, 120], permanent).returns(NO_PARCEL, newest);
    }

    #[test]
    fn the_delay_doubles_until_an_answer_comes() {
        let answer = "The third attempt has an answer: return it.";
        asks_at(&[BUSY, BUSY], &[0, 120, 340], answer).returns(Ok("in Lyon"), answer);
    }

    #[test]
    fn the_answer_of_the_fourth_attempt_counts() {
        let fourth = "The answer of the fourth attempt counts too.";
        let times = [0, 120, 340, 760];
        let four = "Four attempts include the first one.";
        asks_at(&[BUSY; 3], &times, four).returns(Ok("in Lyon"), fourth);
        asks_at(&[BUSY, BUSY, BUSY, NO_PARCEL], &times, four).returns(NO_PARCEL, fourth);
    }

    #[test]
    fn the_fourth_failure_is_returned_immediately() {
        let run = asks_at(
            &[BUSY; 4],
            &[0, 120, 340, 760],
            "Four attempts include the first one.",
        );
        run.takes(780.ms(), "After the last attempt there is nothing to wait for.");
        run.returns(BUSY, "After four failures, return the last one.");
    }
}
