//! iterators1 · 5 minutes · predict when each stage of a pipeline runs
//!
//! Each photo passes two stages: `load` takes 20 ms, and `shrink` takes 30 ms. Read `run`, and
//! write down what you think it prints and when, before you run it. When does the first photo
//! start? Is the second photo loaded while the first one is shrunk, or while it is shown?
//!
//! Section: `cargo run -p iterators -- pipeline`. Code: crates/04-iterators/src/pipeline.rs.
//! Page: docs/src/04-iterators.md.

use async_kit::{Millis, exercise, say};
use futures::{StreamExt, stream};
use tokio::time::sleep;

// TODO: replace each 9999 by the time in milliseconds, and put the lines into order.
const PREDICTION: [(u64, &str); 7] = [
    (9999, "loads cat"),
    (9999, "loads dog"),
    (9999, "shrinks cat"),
    (9999, "shrinks dog"),
    (9999, "opens the album"),
    (9999, "shows cat"),
    (9999, "shows dog"),
];

async fn load(photo: &'static str) -> &'static str {
    say!("loads {photo}");
    sleep(20.ms()).await;
    photo
}

async fn shrink(photo: &'static str) -> &'static str {
    say!("shrinks {photo}");
    sleep(30.ms()).await;
    photo
}

async fn run() {
    let mut photos = stream::iter(["cat", "dog"]).then(load).then(shrink).boxed();
    sleep(100.ms()).await;
    say!("opens the album");
    while let Some(photo) = photos.next().await {
        say!("shows {photo}");
        sleep(10.ms()).await;
    }
}

fn main() {
    exercise::show_prediction(&PREDICTION, run());
}

#[cfg(test)]
mod tests {
    use async_kit::exercise;

    use super::{PREDICTION, run};

    fn predicted(line: &str) -> u64 {
        let found = PREDICTION.iter().find(|(_, predicted)| *predicted == line);
        found.expect("the texts of the lines stay as they are").0
    }

    #[test]
    fn the_prediction_is_what_the_run_prints() {
        exercise::require_complete(&PREDICTION);
        let run = exercise::observe(run());
        let (cat, dog) = (predicted("loads cat"), predicted("loads dog"));
        run.require(
            cat >= predicted("opens the album"),
            format!("you predict that cat is loaded at {cat} ms, before the loop"),
            "no stage runs before the first call of `next`",
            "A chain of adapters is lazy: it is built without loading a photo.",
        );
        run.require(
            dog >= predicted("shows cat"),
            format!("you predict that dog is loaded at {dog} ms, before cat is shown"),
            "one photo passes all stages before the next one starts",
            "The loop pulls one photo through the chain. The stages do not overlap.",
        );
        run.prints_as_predicted(
            &PREDICTION,
            "`next` runs the stages of one photo, one after the other, and the first `next` \
             comes after the wait. While the loop body runs, no stage does.",
        );
    }
}
