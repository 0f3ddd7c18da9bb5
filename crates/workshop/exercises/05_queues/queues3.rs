//! queues3 · 10 minutes · let three workers share one queue
//!
//! Three workers take videos from one queue, and each encodes a video in 60 ms. Run the
//! program: the workers take turns, but only one of them works at a time. Find out why the
//! other two wait, and let all three encode at the same time. A `Receiver` cannot be cloned, so
//! the lock around it must stay.
//!
//! Section: `cargo run -p queues -- consumers`. Code: crates/05-queues/src/consumers.rs.
//! Page: docs/src/05-queues.md.

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

// TODO: let the other workers receive while this one encodes.
async fn work(queue: Arc<Mutex<mpsc::Receiver<u32>>>) {
    while let Some(video) = queue.lock().await.recv().await {
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use async_kit::{Millis, exercise};

    use super::run;

    #[test]
    fn three_workers_encode_at_the_same_time() {
        let run = exercise::observe(run());
        let lines = run.lines();
        run.require(
            lines.windows(4).all(|four| four[3].at - four[0].at >= 60.ms()),
            "more than three videos are encoded at the same time",
            "never more than three: there are three workers",
            "A worker takes the next video before it has encoded the last one.",
        );
        // Without lanes: a task that encodes has none, and is a right answer too.
        let overlap = lines.windows(3).any(|three| three[2].at - three[0].at < 60.ms());
        let lanes = lines.iter().filter_map(|line| line.lane.as_ref());
        let likely = if lanes.collect::<BTreeSet<_>>().len() == 1 {
            "One worker encodes all videos: it keeps the lock, or the others have ended \
             early, because `try_recv` does not wait."
        } else {
            "A worker holds the lock of the queue while it encodes. A guard that has no \
             name in a `while let` lives until the end of the loop body."
        };
        run.require(
            overlap,
            "three videos are never encoded at the same time",
            "all three workers encode at the same time",
            likely,
        );
        run.takes(140.ms(), "A worker waits although there is a video for it.");
        run.require(
            lines.len() == 6,
            "a video is lost",
            "six videos are encoded",
            "Each video that a worker receives must be encoded.",
        );
    }
}
