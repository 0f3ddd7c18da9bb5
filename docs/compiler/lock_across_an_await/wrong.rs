//! The compiler reports: clippy::await_holding_lock

use std::{sync::Mutex, time::Duration};

use tokio::time::sleep;

#[tokio::main]
async fn main() {
    let total = Mutex::new(0);
    tokio::join!(add(&total), add(&total));
}

async fn add(total: &Mutex<u32>) {
    let mut total = total.lock().expect("not poisoned");
    sleep(Duration::from_millis(10)).await;
    *total += 1;
}
