//! An atomic number needs no lock.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering::Relaxed},
};

use async_kit::{Lane, Millis, exercise};
use tokio::{task::JoinSet, time::sleep};

type Total = Arc<AtomicU32>;

async fn add(shop: u32, total: Total) {
    total.fetch_add(fetch(shop).await, Relaxed);
}

/// Given code: do not change it.
async fn fetch(shop: u32) -> u32 {
    sleep(50.ms()).step("fetch").lane(format!("shop-{shop}")).await;
    shop * 100
}

/// Returns the sum, and how much of it comes from the online shop.
async fn run() -> (u32, u32) {
    let total = Total::default();
    let mut tasks = JoinSet::new();
    for shop in 1..=4 {
        tasks.spawn(add(shop, Arc::clone(&total)));
    }
    tasks.join_all().await;
    (total.load(Relaxed), 0)
}

fn main() {
    exercise::show(run());
}
