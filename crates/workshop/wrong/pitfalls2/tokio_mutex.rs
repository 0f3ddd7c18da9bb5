//! A Tokio mutex makes it compile, and is held while a report is fetched.
//! message: A Tokio mutex compiles, and that is all it does here.

use std::sync::Arc;

use async_kit::{Lane, Millis, exercise};
use tokio::{sync::Mutex, task::JoinSet, time::sleep};

type Total = Arc<Mutex<u32>>;

async fn add(shop: u32, total: Total) {
    let mut total = total.lock().await;
    *total += fetch(shop).await;
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
    *total.lock().await
}

fn main() {
    exercise::show(run());
}
