//! `join!` of three futures, which borrow the list.

use async_kit::{Lane, Millis, exercise, say};
use tokio::time::sleep;

async fn offers() -> Vec<u32> {
    let prices = PriceList::load().await;
    let (rose, oak, fern) = tokio::join!(
        offer("rose", &prices),
        offer("oak", &prices),
        offer("fern", &prices),
    );
    vec![rose, oak, fern]
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
