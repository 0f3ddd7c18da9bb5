//! The permit is dropped before the photo is resized.
//! message: A permit limits only as long as it is kept: `let _ = …` drops it.

use async_kit::{Lane, Millis, exercise, say};
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
    let window = tokio::sync::Semaphore::new(2);
    let album = futures::future::join_all(PHOTOS.map(async |photo| {
        let _ = window.acquire().await;
        resize(photo).await
    }))
    .await;
    say!("album: {}", album.join(", "));
}

fn main() {
    exercise::show(run());
}
