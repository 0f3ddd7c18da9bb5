//! The album has the order in which the photos were ready.
//! message: The results come in the order in which the photos were ready, so give each its number

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
    let album: Vec<_> =
        stream::iter(PHOTOS).map(resize).buffer_unordered(2).collect().await;
    say!("album: {}", album.join(", "));
}

fn main() {
    exercise::show(run());
}
