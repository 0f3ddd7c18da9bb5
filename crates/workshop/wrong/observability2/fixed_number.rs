//! The receipt gets the number 7.
//! message: a receipt has the number of the request that spawns it.

use async_kit::{Millis, exercise, say};
use tokio::{join, task_local, time::sleep};
use tokio_util::task::TaskTracker;

task_local! {
    static REQUEST: u32;
}

/// Given code: do not change it.
fn log(text: &str) {
    match REQUEST.try_with(|number| *number) {
        Ok(number) => say!("request {number} {text}"),
        Err(_) => say!("request unknown {text}"),
    }
}

/// Given code: do not change it.
async fn receipt() {
    sleep(30.ms()).await;
    log("mails the receipt");
}

/// Handles one request; `bank` is how long the bank takes, in milliseconds.
async fn handle(bank: u64, receipts: &TaskTracker) {
    log("charges the card");
    sleep(bank.ms()).await;
    receipts.spawn(REQUEST.scope(7, receipt()));
    log("is answered");
}

async fn run() {
    let receipts = TaskTracker::new();
    let seven = REQUEST.scope(7, handle(20, &receipts));
    let eight = REQUEST.scope(8, handle(40, &receipts));
    join!(seven, eight);
    say!("all requests are answered");
    receipts.close();
    receipts.wait().await;
    say!("all receipts are mailed");
}

fn main() {
    exercise::show(run());
}
