//! The guard of a std mutex must not be alive at an await. It need not be: the report is fetched
//! first, and the lock is held only while the total changes. A Tokio mutex would compile, and the
//! shops would wait for each other.
//!
//! `*total.lock() += fetch(shop).await` passes too: for integers, the right side of `+=` runs
//! first, so the lock is taken after the await. Two statements show it better.
//!
//! One lock reads and writes. If the total is read in one lock and written in a second one, another
//! thread may write between the two, and its sale is lost.

use std::sync::{
    Arc, Mutex, MutexGuard,
    atomic::{AtomicU32, Ordering::Relaxed},
};

use async_kit::{Lane, Millis, exercise};
use tokio::{task::JoinSet, time::sleep};

type Total = Arc<Sum>;

async fn add(shop: u32, total: Total) {
    let sales = fetch(shop).await;
    *total.lock() += sales;
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
