//! `try_recv` does not wait, so a worker ends at the first moment without a video.
//! message: the others have ended early, because `try_recv` does not wait.

use std::sync::Arc;

use async_kit::{Lane, Millis, exercise, say};
use futures::future::join_all;
use tokio::{
    join,
    sync::{Mutex, mpsc},
    time::sleep,
};

/// Encodes one video, and must not change.
async fn encode(video: u32) {
    sleep(60.ms()).step("encode").await;
    say!("has encoded video {video}");
}

async fn work(queue: Arc<Mutex<mpsc::Receiver<u32>>>) {
    loop {
        let video = queue.lock().await.try_recv();
        let Ok(video) = video else { return };
        encode(video).await;
    }
}

async fn run() {
    let (uploads, queue) = mpsc::channel(1);
    let queue = Arc::new(Mutex::new(queue));
    let upload = async move {
        for video in 1..=6 {
            uploads.send(video).await.unwrap_or(());
            sleep(10.ms()).await;
        }
    };
    let workers = (1..=3).map(|n| work(Arc::clone(&queue)).lane(format!("worker {n}")));
    join!(upload.lane("upload"), join_all(workers));
}

fn main() {
    exercise::show(run());
}
