//! pitfalls2 · 10 minutes · a task cannot hold the guard of a std mutex across an await
//!
//! Four shops report their sales, each from its own task, and every report is added to one total.
//! The program does not compile: the error names a value that is held across an `.await`. Make the
//! compiler accept it.
//!
//! - The four reports are fetched at the same time.
//! - No sale is lost.
//!
//! Section: `cargo run -p pitfalls -- not_send`. Code: crates/17-pitfalls/src/not_send.rs.
//! Page: docs/src/17-pitfalls.md.

use std::sync::{Arc, Mutex};

use async_kit::{Lane, Millis, exercise};
use tokio::{task::JoinSet, time::sleep};

type Total = Arc<Mutex<u32>>;

async fn add(shop: u32, total: Total) {
    // TODO: make the compiler accept this in a task.
    let mut total = total.lock().unwrap();
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
    *total.lock().unwrap()
}

fn main() {
    exercise::show(run());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_reports_are_fetched_at_the_same_time_and_no_sale_is_lost() {
        let run = exercise::observe(run());
        let held = "The lock is still held while a report is fetched, so the other shops \
                    wait for it. A Tokio mutex compiles, and that is all it does here.";
        run.concurrently("fetch", 4, held);
        let lost = "The total was read before the await and written after it. Meanwhile the \
                    other tasks have written, and their sales are overwritten.";
        run.returns(1000, lost);
        run.takes(50.ms(), "Fetch the report, and lock only to add it.");
    }
}
