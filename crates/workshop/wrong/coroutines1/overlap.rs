//! Predicts that two futures overlap because both were made before the first await.
//! message: one `await` after the other does not overlap.

use async_kit::{Millis, exercise, say};
use tokio::time::sleep;

const PREDICTION: [(u64, &str); 6] = [
    (0, "calls brew"),
    (20, "has called brew twice"),
    (20, "brews coffee"),
    (20, "brews tea"),
    (70, "coffee is ready"),
    (70, "tea is ready"),
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
    println!("   you predict:");
    for (millis, line) in PREDICTION {
        println!("   {millis:5} ms  {line}");
    }
    println!("   and it prints:");
    exercise::show(run());
}
