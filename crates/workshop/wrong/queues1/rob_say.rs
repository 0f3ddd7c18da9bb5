//! x
//! message: zzz
//!
//! The producer makes an item every 10 ms. The consumer needs 30 ms for each. Today every item that
//! is not yet consumed lies in memory. Change the queue so that at most two items wait in it.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{sync::mpsc, time::sleep};

// TODO: bound the queue.
async fn run() {
let mut i = 0u64; loop { i += 1; say!("{i}"); }
}

fn main() { exercise::show(run()); }
