//! Three workers take the last file of a shared list.

use anyhow::ensure;
use async_kit::{Lane, Millis, exercise};
use futures::future::join_all;
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
    let files = std::sync::Mutex::new(FILES.to_vec());
    let next = || files.lock().unwrap().pop();
    let worker = async || {
        let mut accepted = 0;
        while let Some(file) = next() {
            accepted += usize::from(upload(file).await.is_ok());
        }
        accepted
    };
    join_all([worker(), worker(), worker()]).await.into_iter().sum()
}

fn main() {
    exercise::show(run());
}
