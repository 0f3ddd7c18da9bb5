//! Predicts that the body runs when its function is called, as if the call had spawned a task.
//! message: A call of an `async fn` runs nothing.

use async_kit::{Millis, exercise, say};
use tokio::time::sleep;

const PREDICTION: [(u64, &str); 6] = [
    (0, "calls brew"),
    (0, "brews tea"),
    (0, "brews coffee"),
    (20, "has called brew twice"),
    (50, "tea is ready"),
    (50, "coffee is ready"),
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
