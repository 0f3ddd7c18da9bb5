//! A bounded queue makes a fast producer wait, and closing it is the end signal.
//!
//! asyncio: `asyncio.Queue(maxsize)`, and a `None` at the end that no item may equal. Tokio:
//! `mpsc::channel(capacity)`; when the last sender is dropped, `recv` returns `None` by itself.

use std::time::Duration;

use async_kit::{Lane, Millis, knob, say};
use tokio::{sync::mpsc, time::sleep};

/// A producer makes an item every 10 ms, its consumer needs 30 ms for each.
pub(crate) async fn run() -> anyhow::Result<()> {
    let capacity = knob("capacity", 3, 1..=10_usize);
    hand_over(capacity, 10.ms(), 30.ms()).await;
    Ok(())
}

// ANCHOR: bounded
async fn hand_over(capacity: usize, making: Duration, using: Duration) {
    let (items, queue) = mpsc::channel(capacity);
    let producer = tokio::spawn(produce(items, making).lane("producer"));
    let consumer = tokio::spawn(consume(queue, using).lane("consumer"));
    producer.await.expect("the producer does not panic");
    consumer.await.expect("the consumer does not panic");
}

async fn produce(items: mpsc::Sender<u32>, making: Duration) {
    for item in 0..10 {
        sleep(making).step("making").await;
        if items.send(item).await.is_err() {
            return say!("nobody is left to consume {item}");
        }
        say!("produced {item}");
    }
    // Dropping the only sender closes the queue.
}

async fn consume(mut queue: mpsc::Receiver<u32>, using: Duration) {
    while let Some(item) = queue.recv().await {
        sleep(using).step("using").await;
        say!("consumed {item}");
    }
    say!("the queue is closed and empty");
}
// ANCHOR_END: bounded
