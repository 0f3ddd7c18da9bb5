//! Tasks that own their permits, so that the loop waits before it starts the fourth task.

use std::sync::Arc;

use anyhow::ensure;
use async_kit::{Lane, Millis, exercise};
use tokio::{sync::Semaphore, task::JoinSet, time::sleep};

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
    let permits = Arc::new(Semaphore::new(3));
    let mut uploads = JoinSet::new();
    for file in FILES {
        let permit = Arc::clone(&permits).acquire_owned().await;
        uploads.spawn(async move {
            let _permit = permit;
            upload(file).await
        });
    }
    uploads.join_all().await.iter().filter(|result| result.is_ok()).count()
}

fn main() {
    exercise::show(run());
}
