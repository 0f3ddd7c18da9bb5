//! pitfalls2 · 10 minutes · a task cannot hold the guard of a std mutex across an await
//!
//! Four shops report their sales, each from its own task, and every report is added to one total.
//! The program does not compile: the error names a value that is held across an `.await`. Make the
//! compiler accept it.
//!
//! - The four reports are fetched at the same time.
//! - No sale is lost, also not a sale of the online shop, which another thread adds.
//!
//! Section: `cargo run -p pitfalls -- not_send`. Code: crates/17-pitfalls/src/not_send.rs.
//! Page: docs/src/17-pitfalls.md.

use std::sync::{
    Arc, Mutex, MutexGuard,
    atomic::{AtomicU32, Ordering::Relaxed},
};

use async_kit::{Lane, Millis, exercise};
use tokio::{task::JoinSet, time::sleep};

type Total = Arc<Sum>;

async fn add(shop: u32, total: Total) {
    // TODO: make the compiler accept this in a task.
    let mut total = total.lock();
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

#[cfg(test)]
mod tests {
    use async_kit::{Millis, exercise};

    use super::run;

    #[test]
    fn four_reports_are_fetched_at_the_same_time_and_no_sale_is_lost() {
        let run = exercise::observe(run());
        let held = "The lock is still held while a report is fetched, so the other shops \
                    wait for it. A Tokio mutex makes the program compile, and the shops still wait.";
        run.concurrently("fetch", 4, held);
        let (sum, online) = *run.output();
        run.require(
            sum == 1000 + online,
            format!("the sum is {sum}"),
            format!("{}: 1000 of the shops, and {online} of the online shop", 1000 + online),
            "The sum was read in one lock and written in another one. In between, another task \
             or thread has written, and its sale is overwritten. Read and write in one lock.",
        );
        run.takes(50.ms(), "Fetch the report, and lock only to add it.");
    }
}
