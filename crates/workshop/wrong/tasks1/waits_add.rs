//! The waits add up, as if nothing overlapped.
//! message: goes on while the spawner does other work

use async_kit::{Millis, exercise, say};
use tokio::time::sleep;

const PREDICTION: [(u64, &str); 7] = [
    (0, "sets the table"),
    (0, "puts the bread into the oven"),
    (50, "takes the bread out of the oven"),
    (80, "has set the table"),
    (80, "chops vegetables"),
    (120, "the salad is ready"),
    (120, "serves"),
];

async fn bake() {
    say!("puts the bread into the oven");
    sleep(50.ms()).await;
    say!("takes the bread out of the oven");
}

async fn make_salad() {
    say!("chops vegetables");
    sleep(40.ms()).await;
    say!("the salad is ready");
}

async fn run() {
    let bread = tokio::spawn(bake());
    let salad = make_salad();
    say!("sets the table");
    sleep(30.ms()).await;
    say!("has set the table");
    salad.await;
    bread.await.expect("baking does not panic");
    say!("serves");
}

fn main() {
    exercise::show_prediction(&PREDICTION, run());
}
