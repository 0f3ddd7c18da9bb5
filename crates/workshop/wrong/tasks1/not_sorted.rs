//! The times are right, and the lines are in the order of the code.
//! message: Put your lines into the order of their times first.

use async_kit::{Millis, exercise, say};
use tokio::time::sleep;

const PREDICTION: [(u64, &str); 7] = [
    (0, "puts the bread into the oven"),
    (50, "takes the bread out of the oven"),
    (30, "chops vegetables"),
    (70, "the salad is ready"),
    (0, "sets the table"),
    (30, "has set the table"),
    (70, "serves"),
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
