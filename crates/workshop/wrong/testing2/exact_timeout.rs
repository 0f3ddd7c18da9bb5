//! The timeout ends at the same moment as the slowest seller, before the tasks are polled.
//! message: A timeout of exactly this time ends before a task is polled.

use anyhow::ensure;
use async_kit::{Lane, Millis, exercise, say};
use futures::future::{FutureExt, join_all};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

async fn check(version: impl Future<Output = Vec<u64>>) -> anyhow::Result<()> {
    let prices = timeout(100.ms(), version).await?;
    ensure!(prices.len() == 4 && prices.is_sorted(), "the prices are {prices:?}");
    Ok(())
}

/// Given code from here on: do not change it. Seller 0 takes 100 ms, seller 3 takes 40 ms.
async fn ask(seller: u64) -> u64 {
    let price = async {
        sleep((100 - 20 * seller).ms()).step("ask").await;
        10 + seller
    };
    price.lane(format!("seller-{seller}")).await
}

async fn joined() -> Vec<u64> {
    join_all((0..4).map(ask)).await
}

async fn spawned() -> Vec<u64> {
    let tasks: Vec<_> = (0..4).map(|seller| tokio::spawn(ask(seller))).collect();
    join_all(tasks).await.into_iter().map(|price| price.expect("no panic")).collect()
}

async fn one_by_one() -> Vec<u64> {
    let mut prices = Vec::new();
    for seller in 0..4 {
        prices.push(ask(seller).await);
    }
    prices
}

async fn two_by_two() -> Vec<u64> {
    let mut prices = join_all((0..2).map(ask)).await;
    prices.extend(join_all((2..4).map(ask)).await);
    prices
}

async fn quickest_first() -> Vec<u64> {
    (0..4).map(ask).collect::<JoinSet<_>>().join_all().await
}

async fn run() {
    let versions = [
        ("joined", joined().boxed()),
        ("spawned", spawned().boxed()),
        ("one_by_one", one_by_one().boxed()),
        ("two_by_two", two_by_two().boxed()),
        ("quickest_first", quickest_first().boxed()),
    ];
    for (name, version) in versions {
        match check(version).await {
            Ok(()) => say!("accepted: {name}"),
            Err(why) => say!("refused: {name}, {why}"),
        }
    }
}

fn main() {
    exercise::show(run());
}
