//! The same three shops as sections of a chapter: each run draws a timeline.

use std::time::Duration;

use async_kit::{Chapter, Lane, Millis, knob, say};
use tokio::{
    join,
    sync::mpsc,
    time::{sleep, timeout},
};

fn main() -> anyhow::Result<()> {
    Chapter::new("prices", "ask three shops for a price")
        .section("all", "a slow shop is not waited for", all)
        .section("stuck", "a forgotten sender keeps the queue open", stuck)
        .main()
}

async fn all() -> anyhow::Result<()> {
    let limit = knob("limit", 200.ms(), 1.ms()..=1.secs());
    join!(
        ask(12, 50.ms(), limit).lane("Ann"),
        ask(9, 100.ms(), limit).lane("Bob"),
        ask(7, 900.ms(), limit).lane("Cid"),
    );
    Ok(())
}

async fn ask(price: u32, takes: Duration, limit: Duration) {
    match timeout(limit, sleep(takes).step("asking")).await {
        Ok(()) => say!("{price} euros"),
        Err(_) => say!("no answer within {limit:?}"),
    }
}

/// The reader waits until every sender is dropped, and `sender` is dropped after it.
async fn stuck() -> anyhow::Result<()> {
    let (sender, mut prices) = mpsc::channel(3);
    let ann = sender.clone();
    let shop = async move {
        sleep(50.ms()).step("asking").await;
        ann.send(12).await
    };
    tokio::spawn(shop.lane("Ann"));
    let reader = async {
        while let Some(price) = prices.recv().await {
            say!("{price} euros");
        }
    };
    reader.lane("reader").await;
    drop(sender);
    Ok(())
}
