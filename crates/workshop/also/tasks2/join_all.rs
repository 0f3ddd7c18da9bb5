//! `join_all` runs the futures inside one task, so they may borrow.

use async_kit::{Lane, Millis, exercise, say};
use futures::future::join_all;
use tokio::time::sleep;

async fn offers() -> Vec<u32> {
    let prices = PriceList::load().await;
    join_all(["rose", "oak", "fern"].map(|plant| offer(plant, &prices))).await
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
