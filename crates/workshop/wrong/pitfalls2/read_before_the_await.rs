//! The total is read under the lock, and written after the await.
//! message: The total was read before the await and written after it.

use std::sync::{Arc, Mutex};

use async_kit::{Lane, Millis, exercise};
use tokio::{task::JoinSet, time::sleep};

type Total = Arc<Mutex<u32>>;

async fn add(shop: u32, total: Total) {
    let before = *total.lock().unwrap();
    let after = before + fetch(shop).await;
    *total.lock().unwrap() = after;
}

/// Given code: do not change it.
async fn fetch(shop: u32) -> u32 {
    sleep(50.ms()).step("fetch").lane(format!("shop-{shop}")).await;
    shop * 100
}

async fn run() -> u32 {
    let total = Total::default();
    let mut tasks = JoinSet::new();
    for shop in 1..=4 {
        tasks.spawn(add(shop, Arc::clone(&total)));
    }
    tasks.join_all().await;
    *total.lock().unwrap()
}

fn main() {
    exercise::show(run());
}
