//! The requests are tasks of a `JoinSet`, and the receipts of another.

use async_kit::{Millis, exercise, say};
use std::sync::{Arc, Mutex};

use tokio::{task::JoinSet, task_local, time::sleep};

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
async fn handle(bank: u64, receipts: Arc<Mutex<JoinSet<()>>>) {
    log("charges the card");
    sleep(bank.ms()).await;
    let number = REQUEST.get();
    receipts.lock().unwrap().spawn(REQUEST.scope(number, receipt()));
    log("is answered");
}

async fn run() {
    let receipts = Arc::<Mutex<JoinSet<()>>>::default();
    let mut requests = JoinSet::new();
    for (number, bank) in [(7, 20), (8, 40)] {
        requests.spawn(REQUEST.scope(number, handle(bank, receipts.clone())));
    }
    requests.join_all().await;
    say!("all requests are answered");
    let receipts = std::mem::take(&mut *receipts.lock().unwrap());
    receipts.join_all().await;
    say!("all receipts are mailed");
}

fn main() {
    exercise::show(run());
}
