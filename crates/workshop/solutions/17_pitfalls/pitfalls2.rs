//! The guard of a std mutex must not be alive at an await. It need not be: the report is fetched
//! first, and the lock is held only while the total changes. A Tokio mutex would compile, and the
//! shops would wait for each other.
//!
//! `*total.lock().unwrap() += fetch(shop).await` passes too: for integers, the right side of `+=` runs
//! first, so the lock is taken after the await. Two statements show it better.
//!
//! One lock reads and writes. To read the total in one lock and write it in a second one passes here,
//! because this run has one thread. On several threads another task may write between the two.

use std::sync::{Arc, Mutex};

use async_kit::{Lane, Millis, exercise};
use tokio::{task::JoinSet, time::sleep};

type Total = Arc<Mutex<u32>>;

async fn add(shop: u32, total: Total) {
    let sales = fetch(shop).await;
    *total.lock().unwrap() += sales;
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
