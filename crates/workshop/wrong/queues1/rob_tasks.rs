//! x
//! message: zzz
//!
//! The producer makes an item every 10 ms. The consumer needs 30 ms for each. Today every item that
//! is not yet consumed lies in memory. Change the queue so that at most two items wait in it.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{sync::mpsc, time::sleep};

// TODO: bound the queue.
async fn run() {
let t: Vec<_> = (0..10_000).map(|i| tokio::spawn(async move { sleep(10.ms()).await; say!("x"); }.lane(format!("t{i}")))).collect(); for t in t { t.await.unwrap(); }
}

fn main() { exercise::show(run()); }
