//! A `JoinSet`, and the results are sorted by the position of their plant.

use std::sync::Arc;

use async_kit::{Lane, Millis, exercise, say};
use tokio::time::sleep;

async fn offers() -> Vec<u32> {
    let prices = Arc::new(PriceList::load().await);
    let mut tasks = tokio::task::JoinSet::new();
    for (position, plant) in ["rose", "oak", "fern"].into_iter().enumerate() {
        let prices = Arc::clone(&prices);
        tasks.spawn(async move { (position, offer(plant, &prices).await) });
    }
    let mut offers = tasks.join_all().await;
    offers.sort_unstable();
    offers.into_iter().map(|(_, price)| price).collect()
}

// What follows does not change.

async fn offer(plant: &'static str, prices: &PriceList) -> u32 {
    let write = async {
        sleep(60.ms()).step("offer").await;
        prices.0.iter().find(|(name, _)| *name == plant).map_or(0, |(_, price)| *price)
    };
    write.lane(plant).await
}

struct PriceList(Vec<(&'static str, u32)>);

impl PriceList {
    async fn load() -> Self {
        sleep(20.ms()).await;
        say!("the price list is loaded");
        Self(vec![("fern", 7), ("oak", 120), ("rose", 15)])
    }
}

impl Drop for PriceList {
    fn drop(&mut self) {
        say!("the price list is freed");
    }
}

fn main() {
    exercise::show(offers());
}
