//! The lock is held only to change the value.

use std::{sync::Mutex, time::Duration};

use tokio::time::sleep;

#[tokio::main]
async fn main() {
    let total = Mutex::new(0);
    tokio::join!(add(&total), add(&total));
}

async fn add(total: &Mutex<u32>) {
    sleep(Duration::from_millis(10)).await;
    *total.lock().expect("not poisoned") += 1;
}
