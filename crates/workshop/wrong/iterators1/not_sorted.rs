//! The times are right, and the lines are in the order of the handed-out list.
//! message: Put your lines into the order of their times first.

use async_kit::{Millis, exercise, say};
use futures::{StreamExt, stream};
use tokio::time::sleep;

const PREDICTION: [(u64, &str); 7] = [
    (100, "loads cat"),
    (160, "loads dog"),
    (120, "shrinks cat"),
    (180, "shrinks dog"),
    (100, "opens the album"),
    (150, "shows cat"),
    (210, "shows dog"),
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
