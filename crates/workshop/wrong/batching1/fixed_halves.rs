//! Each of two workers has a fixed half of the photos.
//! message: Two workers, each with its own half of the photos, do not help each other.

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
    let worker = async |first: usize| {
        let mut done = Vec::new();
        for (n, photo) in PHOTOS.into_iter().enumerate().skip(first).step_by(2) {
            done.push((n, resize(photo).await));
        }
        done
    };
    let (mut album, even) = tokio::join!(worker(0), worker(1));
    album.extend(even);
    album.sort_unstable();
    let names: Vec<_> = album.into_iter().map(|(_, name)| name).collect();
    say!("album: {}", names.join(", "));
}

fn main() {
    exercise::show(run());
}
