//! A queue of its own for each worker, and the upload sends to them in turn.

use async_kit::{Lane, Millis, exercise, say};
use futures::future::join_all;
use tokio::{join, sync::mpsc, time::sleep};

/// Encodes one video, and must not change.
async fn encode(video: u32) {
    sleep(60.ms()).step("encode").await;
    say!("has encoded video {video}");
}

async fn work(mut queue: mpsc::Receiver<u32>) {
    while let Some(video) = queue.recv().await {
        encode(video).await;
    }
}

async fn run() {
    let (senders, queues): (Vec<_>, Vec<_>) = (1..=3).map(|_| mpsc::channel(1)).unzip();
    let upload = async move {
        for (video, uploads) in (1..=6).zip(senders.iter().cycle()) {
            uploads.send(video).await.expect("no worker is left");
            sleep(10.ms()).await;
        }
    };
    let workers =
        (1..).zip(queues).map(|(n, queue)| work(queue).lane(format!("worker {n}")));
    join!(upload.lane("upload"), join_all(workers));
}

fn main() {
    exercise::show(run());
}
