//! Slices of two: the next round starts when both photos of a round are ready.
//! message: A round waits for its slowest photo

use async_kit::{Lane, Millis, exercise, say};
use futures::future::join_all;
use tokio::time::sleep;

#[derive(Clone, Copy)]
struct Photo(&'static str, u64);

const PHOTOS: [Photo; 5] = [
    Photo("cat", 90),
    Photo("dog", 20),
    Photo("owl", 30),
    Photo("fox", 50),
    Photo("bee", 20),
];

/// Do not change it: resizes a photo, in a lane of its own.
async fn resize(Photo(name, takes): Photo) -> &'static str {
    let work = async {
        say!("is being resized");
        sleep(takes.ms()).step("resizing").await;
        say!("is small");
    };
    work.lane(name).await;
    name
}

async fn run() {
    let mut album = Vec::new();
    for round in PHOTOS.chunks(2) {
        album.extend(join_all(round.iter().map(|photo| resize(*photo))).await);
    }
    say!("album: {}", album.join(", "));
}

fn main() {
    exercise::show(run());
}
