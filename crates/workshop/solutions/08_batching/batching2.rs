//! A future makes progress only while something polls it, and `buffered` polls only inside `next`. The
//! runtime polls a task by itself. `AbortOnDropHandle` ends the task when the stream is dropped, as the
//! stream did with its futures.

use async_kit::{Lane, Millis, exercise, say};
use futures::{StreamExt, stream};
use tokio::time::{Instant, sleep};
use tokio_util::task::AbortOnDropHandle;

#[derive(Debug, PartialEq)]
struct ConnectionClosed;

/// Do not change it: an episode has three or more parts. Each must be read within 30 ms.
async fn download(episode: u32) -> Result<u32, ConnectionClosed> {
    let parts = async {
        for _ in 0..[3, 4, 3, 3, 11, 3][episode as usize - 1] {
            let start = Instant::now();
            sleep(15.ms()).step("downloading").await;
            if start.elapsed() > 30.ms() {
                return Err(ConnectionClosed);
            }
        }
        Ok(episode)
    };
    parts.try_lane(format!("episode-{episode}")).await
}

/// Do not change it.
async fn transcribe(episode: u32) {
    sleep(60.ms()).step("transcribing").lane(format!("text-{episode}")).await;
    say!("episode {episode} is a text");
}

async fn run() -> Result<(), ConnectionClosed> {
    let tasks = stream::iter(1..=6)
        .map(|episode| AbortOnDropHandle::new(tokio::spawn(download(episode))));
    let mut downloads = tasks.buffered(2);
    while let Some(episode) = downloads.next().await {
        transcribe(episode.expect("no download panics")?).await;
    }
    Ok(())
}

fn main() {
    exercise::show(run());
}
