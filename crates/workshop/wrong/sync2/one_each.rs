//! Each upload has its own semaphore, which limits nothing.
//! message: Nothing limits the uploads

use anyhow::ensure;
use async_kit::{Lane, Millis, exercise};
use futures::future::join_all;
use tokio::{sync::Semaphore, time::sleep};

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
    let limited = async |file| {
        let permits = Semaphore::new(3);
        let _permit = permits.acquire().await?;
        upload(file).await
    };
    let uploads = FILES.map(limited);
    let results = join_all(uploads).await;
    results.iter().filter(|result| result.is_ok()).count()
}

fn main() {
    exercise::show(run());
}
