//! One download at a time never stalls, but it does not overlap with the loop either.
//! message: One download runs at a time.

use async_kit::{Lane, Millis, exercise, say};
use futures::{StreamExt, stream};
use tokio::time::{Instant, sleep};

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
    let mut downloads = stream::iter(1..=6).map(download).buffered(1);
    while let Some(episode) = downloads.next().await {
        transcribe(episode?).await;
    }
    Ok(())
}

fn main() {
    exercise::show(run());
}
