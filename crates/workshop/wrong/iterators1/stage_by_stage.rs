//! Predicts that all photos pass the first stage before one passes the second, as with lists.
//! message: The stages do not overlap.

use async_kit::{Millis, say};
use futures::{StreamExt, stream};
use tokio::time::sleep;

const PREDICTION: [(u64, &str); 7] = [
    (100, "opens the album"),
    (100, "loads cat"),
    (120, "loads dog"),
    (140, "shrinks cat"),
    (170, "shrinks dog"),
    (200, "shows cat"),
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
    // Called and not awaited, it prints nothing: the run must not show you the answer.
    drop(run());
    println!("   you predict:");
    for (millis, line) in PREDICTION {
        println!("   {millis:5} ms  {line}");
    }
}
