//! `buffer_unordered(2)` starts the next photo when any of the two ends. It returns the names in the
//! order in which the photos were ready, so each one has its number. In asyncio five tasks exist from
//! the start; here a photo is a future that is made when there is room for it.

use async_kit::{Lane, Millis, exercise, say};
use futures::{StreamExt, stream};
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
    let numbered = PHOTOS.into_iter().enumerate();
    let photos = stream::iter(numbered).map(async |(n, photo)| (n, resize(photo).await));
    let mut album: Vec<_> = photos.buffer_unordered(2).collect().await;
    album.sort_unstable();
    let names: Vec<_> = album.into_iter().map(|(_, name)| name).collect();
    say!("album: {}", names.join(", "));
}

fn main() {
    exercise::show(run());
}
