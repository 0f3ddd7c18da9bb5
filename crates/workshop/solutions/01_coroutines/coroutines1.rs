//! A call makes a future and runs nothing of its body. `coffee.await` runs the whole of one body, and
//! only then does `tea.await` begin: two awaits one after the other take the sum of their times.

use async_kit::{Millis, exercise, say};
use tokio::time::sleep;

const PREDICTION: [(u64, &str); 6] = [
    (0, "calls brew"),
    (20, "has called brew twice"),
    (20, "brews coffee"),
    (70, "coffee is ready"),
    (70, "brews tea"),
    (120, "tea is ready"),
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
