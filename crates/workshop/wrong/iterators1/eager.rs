//! Predicts that the stages start when the chain is built.
//! message: A chain of adapters is lazy

use async_kit::{Millis, say};
use futures::{StreamExt, stream};
use tokio::time::sleep;

const PREDICTION: [(u64, &str); 7] = [
    (0, "loads cat"),
    (20, "shrinks cat"),
    (60, "loads dog"),
    (80, "shrinks dog"),
    (100, "opens the album"),
    (100, "shows cat"),
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
    // Called and not awaited, it prints nothing: the run must not show you the answer.
    drop(run());
    println!("   you predict:");
    for (millis, line) in PREDICTION {
        println!("   {millis:5} ms  {line}");
    }
}
