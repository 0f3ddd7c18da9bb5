//! The album is opened before the wait.
//! message: and the first `next` comes after the wait.

use async_kit::{Millis, exercise, say};
use futures::{StreamExt, stream};
use tokio::time::sleep;

const PREDICTION: [(u64, &str); 7] = [
    (0, "opens the album"),
    (0, "loads cat"),
    (20, "shrinks cat"),
    (50, "shows cat"),
    (60, "loads dog"),
    (80, "shrinks dog"),
    (110, "shows dog"),
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
