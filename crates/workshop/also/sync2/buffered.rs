//! A window of three uploads: a stream starts the next one when one has ended.

use anyhow::ensure;
use async_kit::{Lane, Millis, exercise};
use futures::{StreamExt, future::ready, stream};
use tokio::time::sleep;

/// A file: its name, and how long its upload takes in milliseconds.
#[derive(Clone, Copy)]
struct File(&'static str, u64);

const FILES: [File; 7] = [
    File("film.mov", 100),
    File("a.tmp", 20),
    File("b.tmp", 20),
    File("notes.txt", 20),
    File("c.tmp", 20),
    File("photo.jpg", 40),
    File("logo.svg", 20),
];

/// Uploads one file, and must not change. The server refuses temporary files.
async fn upload(File(name, millis): File) -> anyhow::Result<()> {
    let upload = async {
        sleep(millis.ms()).step("upload").await;
        ensure!(!name.ends_with(".tmp"), "{name} is refused");
        Ok(())
    };
    upload.try_lane(name).await
}

async fn run() -> usize {
    let uploads = stream::iter(FILES).map(upload);
    let accepted = uploads.buffer_unordered(3).filter(|result| ready(result.is_ok()));
    accepted.count().await
}

fn main() {
    exercise::show(run());
}
