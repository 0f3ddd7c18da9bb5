//! The report is fetched first, and the total is still read in one lock and written in another.
//! message: The sum was read in one lock and written in another one.

use std::sync::{
    Arc, Mutex, MutexGuard,
    atomic::{AtomicU32, Ordering::Relaxed},
};

use async_kit::{Lane, Millis, exercise};
use tokio::{task::JoinSet, time::sleep};

type Total = Arc<Sum>;

async fn add(shop: u32, total: Total) {
    let sales = fetch(shop).await;
    let before = *total.lock();
    *total.lock() = before + sales;
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
    fn lock(&self) -> MutexGuard<'_, u32> {
        *self.cents.lock().unwrap() += 1;
        self.online.fetch_add(1, Relaxed);
        self.cents.lock().unwrap()
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
    let sum = *total.lock();
    (sum, total.online.load(Relaxed))
}

fn main() {
    exercise::show(run());
}
