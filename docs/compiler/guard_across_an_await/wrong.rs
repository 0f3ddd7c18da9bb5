//! The compiler reports: future cannot be sent between threads safely

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::sleep;

#[tokio::main]
async fn main() {
    let total = Arc::new(Mutex::new(0));
    let task = tokio::spawn(add(Arc::clone(&total)));
    task.await.expect("no panic");
}

async fn add(total: Arc<Mutex<u32>>) {
    let mut total = total.lock().expect("not poisoned");
    sleep(Duration::from_millis(10)).await;
    *total += 1;
}
