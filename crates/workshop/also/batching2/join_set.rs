//! A queue of handles by hand; the `JoinSet` aborts its tasks when it is dropped.

use std::collections::BTreeMap;

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

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
    let mut left = 1..=6;
    let mut tasks = JoinSet::new();
    let mut ready = BTreeMap::new();
    for next in 1..=6 {
        loop {
            while tasks.len() + ready.len() < 2 {
                let Some(episode) = left.next() else { break };
                tasks.spawn(async move { (episode, download(episode).await) });
            }
            if let Some(episode) = ready.remove(&next) {
                transcribe(episode?).await;
                break;
            }
            let (episode, outcome) =
                tasks.join_next().await.expect("one is left").expect("no panic");
            ready.insert(episode, outcome);
        }
    }
    Ok(())
}

fn main() {
    exercise::show(run());
}
