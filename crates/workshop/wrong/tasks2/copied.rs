//! Each task gets a copy of the list, made by hand.
//! message: Each task has a list of its own.

use async_kit::{Lane, Millis, exercise, say};
use tokio::time::sleep;

async fn offers() -> Vec<u32> {
    let prices = PriceList::load().await;
    let mut tasks = Vec::new();
    for plant in ["rose", "oak", "fern"] {
        let prices = PriceList(prices.0.clone());
        tasks.push(tokio::spawn(async move { offer(plant, &prices).await }));
    }
    let mut offers = Vec::new();
    for task in tasks {
        offers.push(task.await.expect("an offer does not panic"));
    }
    offers
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
