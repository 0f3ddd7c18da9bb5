//! Predicts that the futures run in the order in which they were made.
//! message: The order of the awaits decides, not the order of the calls.

use async_kit::{Millis, exercise, say};
use tokio::time::sleep;

const PREDICTION: [(u64, &str); 6] = [
    (0, "calls brew"),
    (20, "has called brew twice"),
    (20, "brews tea"),
    (70, "tea is ready"),
    (70, "brews coffee"),
    (120, "coffee is ready"),
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
