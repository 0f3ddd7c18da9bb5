//! Two questions: may the next attempt succeed, and is one left? The `match` answers the first, the `for`
//! the second. After three delays the last attempt is returned as it is.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use async_kit::{Lane, Millis, exercise, say};
use tokio::time::sleep;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Failure {
    Overloaded,
    NoSuchParcel,
}

type Answer = Result<&'static str, Failure>;

async fn track(carrier: &Carrier) -> Answer {
    let mut delay = 100.ms();
    for _ in 1..4 {
        match carrier.ask().await {
            Err(Failure::Overloaded) => sleep(delay).await,
            outcome => return outcome,
        }
        delay *= 2;
    }
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
