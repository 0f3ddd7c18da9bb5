//! Two tasks in a `JoinSet`; each that ends makes room for the next one.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{task::JoinSet, time::sleep};

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
    let mut album = [""; PHOTOS.len()];
    let mut tasks = JoinSet::new();
    for (n, photo) in PHOTOS.into_iter().enumerate() {
        if tasks.len() == 2 {
            let (n, name) = tasks.join_next().await.expect("two run").expect("no panic");
            album[n] = name;
        }
        tasks.spawn(async move { (n, resize(photo).await) });
    }
    for (n, name) in tasks.join_all().await {
        album[n] = name;
    }
    say!("album: {}", album.join(", "));
}

fn main() {
    exercise::show(run());
}
