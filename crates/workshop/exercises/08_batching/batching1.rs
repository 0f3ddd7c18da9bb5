//! batching1 · 10 minutes · port a window of two photos from asyncio
//!
//! The program in asyncio (`asyncio/batching1.py`):
//!
//! ```python
//! PHOTOS = {"cat": 0.09, "dog": 0.02, "owl": 0.03, "fox": 0.05, "bee": 0.02}
//!
//! async def resize(photo, window):
//!     async with window:
//!         print(f"{photo} is being resized")
//!         await asyncio.sleep(PHOTOS[photo])
//!         print(f"{photo} is small")
//!         return photo
//!
//! async def main():
//!     window = asyncio.Semaphore(2)
//!     album = await asyncio.gather(*(resize(photo, window) for photo in PHOTOS))
//!     print(f"album: {', '.join(album)}")
//! ```
//!
//! Write it in Rust: the same lines at the same times. The program below resizes one photo at a time.
//!
//! Section: `cargo run -p batching -- window`. Code: crates/08-batching/src/window.rs.
//! Page: docs/src/08-batching.md.

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

// TODO: resize two photos at a time. The album has the order of `PHOTOS`.
async fn run() {
    let mut album = Vec::new();
    for photo in PHOTOS {
        album.push(resize(photo).await);
    }
    say!("album: {}", album.join(", "));
}

fn main() {
    exercise::show(run());
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, exercise};

    use super::run;

    #[test]
    fn it_prints_what_asyncio_prints() {
        let run = exercise::observe(run());
        run.never_more_than(
            "resizing",
            2,
            "Nothing limits how many photos are resized. (A permit limits only as long as it is kept: \
             `let _ = …` drops it.)",
        );
        run.concurrently("resizing", 2, "The photos are resized one after the other.");
        run.prints_at(
            20.ms(),
            "owl is being resized",
            "The next photo waits, although a slot is free. A round waits for its slowest photo, and \
             in a window that keeps the order a photo that has ended holds its slot until all earlier \
             photos have ended. Two workers, each with its own half of the photos, do not help each \
             other.",
        );
        let album = run.lines().iter().find(|line| line.text.starts_with("album"));
        run.require(
            album.is_some_and(|line| line.text == "album: cat, dog, owl, fox, bee"),
            album.map_or("no album".to_owned(), |line| line.text.clone()),
            "album: cat, dog, owl, fox, bee",
            "Keep what `resize` returns. The results come in the order in which the photos were \
             ready, so give each its number, and put them into order at the end.",
        );
        run.prints_like_asyncio(
            include_str!("../../transcripts/batching1.txt"),
            "The album is printed when the last photo is small.",
        );
    }
}
