//! A Tokio mutex makes it compile, and is held while a report is fetched.
//! message: A Tokio mutex makes the program compile, and the shops still wait.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering::Relaxed},
};

use async_kit::{Lane, Millis, exercise};
use tokio::{
    sync::{Mutex, MutexGuard},
    task::JoinSet,
    time::sleep,
};

type Total = Arc<Sum>;

async fn add(shop: u32, total: Total) {
    let mut total = total.lock().await;
    *total += fetch(shop).await;
}

/// Given code from here on: do not change it. The sum of all sales, behind a `std` mutex.
#[derive(Default)]
struct Sum {
    cents: Mutex<u32>,
    online: AtomicU32,
}

impl Sum {
    /// Locks the sum. Whenever the lock is free, the online shop may add a sale from another thread:
    /// here it adds 1 before each lock.
    async fn lock(&self) -> MutexGuard<'_, u32> {
        *self.cents.lock().await += 1;
        self.online.fetch_add(1, Relaxed);
        self.cents.lock().await
    }
}

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
    let sum = *total.lock().await;
    (sum, total.online.load(Relaxed))
}

fn main() {
    exercise::show(run());
}
