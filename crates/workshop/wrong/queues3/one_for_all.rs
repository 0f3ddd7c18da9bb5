//! A worker holds the lock until it ends, so the others never receive.
//! message: One worker encodes all videos: it keeps the lock

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
    let mut receiver = queue.lock().await;
    while let Some(video) = receiver.recv().await {
        encode(video).await;
    }
}

async fn run() {
    let (uploads, queue) = mpsc::channel(1);
    let queue = Arc::new(Mutex::new(queue));
    let upload = async move {
        for video in 1..=6 {
            uploads.send(video).await.expect("no worker is left");
            sleep(10.ms()).await;
        }
    };
    let workers = (1..=3).map(|n| work(Arc::clone(&queue)).lane(format!("worker {n}")));
    join!(upload.lane("upload"), join_all(workers));
}

fn main() {
    exercise::show(run());
}
