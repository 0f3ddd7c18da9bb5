//! tasks1 · 5 minutes · predict when a spawned task runs
//!
//! A cook spawns the baking of the bread as a task, and keeps the salad as a future. Write down what you
//! think `run` prints and when, before you run it. Look closely at the first two lines, and at what
//! happens between 30 and 70 ms. The run has one thread.
//!
//! Section: `cargo run -p tasks -- later`. Code: crates/02-tasks/src/later.rs.
//! Page: docs/src/02-tasks.md.

use async_kit::{Millis, exercise, say};
use tokio::time::sleep;

// TODO: replace each 9999 by the time in milliseconds, and put the lines into the right order.
const PREDICTION: [(u64, &str); 7] = [
    (9999, "puts the bread into the oven"),
    (9999, "takes the bread out of the oven"),
    (9999, "chops vegetables"),
    (9999, "the salad is ready"),
    (9999, "sets the table"),
    (9999, "has set the table"),
    (9999, "serves"),
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

#[cfg(test)]
mod tests {
    use async_kit::exercise;

    use super::{PREDICTION, run};

    #[test]
    fn the_prediction_is_what_the_run_prints() {
        exercise::observe(run()).prints_as_predicted(
            &PREDICTION,
            "`spawn` only puts the task into the queue: it runs when its spawner waits, and then it \
             goes on while the spawner does other work. The salad is a future: it does nothing \
             before its `await`.",
        );
    }
}
