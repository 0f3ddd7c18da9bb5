//! Stages with a queue between them work at the same time, and the slowest sets the pace.
//!
//! The same in both languages: a task for each stage, and a bounded queue between two of them, so
//! that a fast stage cannot run away from a slow one.

use async_kit::{Lane, Millis, knob, say};
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    time::sleep,
};

/// Three stages of 20, 30 and 10 ms: an item every 30 ms, instead of one every 60.
pub(crate) async fn run() -> anyhow::Result<()> {
    let count = knob("count", 6, 1..=20_u64);
    pipeline(count).await
}

// ANCHOR: overlap
async fn pipeline(count: u64) -> anyhow::Result<()> {
    let (raw, to_parse) = channel(1);
    let (parsed, to_store) = channel(1);
    let stages = [
        tokio::spawn(read(count, raw).lane("read")),
        tokio::spawn(parse(to_parse, parsed).lane("parse")),
        tokio::spawn(store(to_store).lane("store")),
    ];
    for stage in stages {
        stage.await?;
    }
    Ok(())
}

async fn read(count: u64, raw: Sender<u64>) {
    for n in 0..count {
        sleep(20.ms()).step("reading").await;
        if raw.send(n).await.is_err() {
            return;
        }
    }
}

async fn parse(mut raw: Receiver<u64>, parsed: Sender<u64>) {
    while let Some(n) = raw.recv().await {
        sleep(30.ms()).step("parsing").await;
        if parsed.send(n * n).await.is_err() {
            return;
        }
    }
}

async fn store(mut parsed: Receiver<u64>) {
    while let Some(n) = parsed.recv().await {
        sleep(10.ms()).step("storing").await;
        say!("has {n}");
    }
}
// ANCHOR_END: overlap

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn an_item_leaves_every_thirty_ms_once_the_first_is_through() {
        virtual_time(async {
            let seen = Transcript::of(pipeline(6)).await;
            for n in 0..6 {
                seen.assert_at((60 + 30 * n).ms(), &format!("store has {}", n * n));
            }
            assert_eq!(seen.elapsed(), 210.ms(), "not 6 * 60: {seen}");
        });
    }
}
