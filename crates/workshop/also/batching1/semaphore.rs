//! A semaphore and `join_all`, as in asyncio; `join_all` keeps the order.

use async_kit::{Lane, Millis, exercise, say};
use futures::future::join_all;
use tokio::{sync::Semaphore, time::sleep};

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
    let window = Semaphore::new(2);
    let resize_one = async |photo| {
        let _permit = window.acquire().await.expect("the semaphore is never closed");
        resize(photo).await
    };
    let album = join_all(PHOTOS.map(resize_one)).await;
    say!("album: {}", album.join(", "));
}

fn main() {
    exercise::show(run());
}
