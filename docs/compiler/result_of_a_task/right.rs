//! An `Arc` may move to another thread.

use std::sync::Arc;

#[tokio::main]
async fn main() {
    let task = tokio::spawn(async { Arc::new(1) });
    println!("{}", task.await.expect("no panic"));
}
