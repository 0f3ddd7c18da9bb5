//! coroutines1 · 5 minutes · predict when the body of an async fn runs
//!
//! Read `run`, and write down what you think it prints and when, before you run it. In Python a
//! coroutine does not run before it is awaited. Is a future of Rust different?
//!
//! Section: `cargo run -p coroutines -- lazy`. Code: crates/01-coroutines/src/lazy.rs.
//! Page: docs/src/01-coroutines.md.

use async_kit::{Millis, exercise, say};
use tokio::time::sleep;

// TODO: replace each 9999 by the time in milliseconds, and put the lines into the right order.
const PREDICTION: [(u64, &str); 6] = [
    (9999, "calls brew"),
    (9999, "brews tea"),
    (9999, "tea is ready"),
    (9999, "has called brew twice"),
    (9999, "brews coffee"),
    (9999, "coffee is ready"),
];

async fn brew(drink: &str) {
    say!("brews {drink}");
    sleep(50.ms()).await;
    say!("{drink} is ready");
}

async fn run() {
    say!("calls brew");
    let tea = brew("tea");
    let coffee = brew("coffee");
    sleep(20.ms()).await;
    say!("has called brew twice");
    coffee.await;
    tea.await;
}

fn main() {
    exercise::show_prediction(&PREDICTION, run());
}

#[cfg(test)]
mod tests {
    use async_kit::exercise;

    use super::{PREDICTION, run};

    #[test]
    fn the_prediction_is_what_the_run_prints() {
        exercise::observe(run()).prints_as_predicted(
            &PREDICTION,
            "A call of an `async fn` runs nothing. Its body runs when the future is awaited, and \
             one `await` after the other does not overlap. The order of the awaits decides, not the \
             order of the calls.",
        );
    }
}
