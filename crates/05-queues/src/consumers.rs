//! Several consumers share one receiver: each item goes to the consumer that has waited longest.
//!
//! asyncio: a queue has any number of consumers, and needs a sentinel for each of them. Tokio:
//! `mpsc` has one receiver, so the consumers share it behind a lock. The lock serves its waiters in
//! FIFO order. Closing the queue ends all consumers.

use std::sync::Arc;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    sync::{Mutex, mpsc},
    time::sleep,
};

/// An item comes every 50 ms and keeps a consumer busy for 100 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let capacity = knob("capacity", 3, 1..=10_usize);
    let consumers = knob("consumers", 3, 1..=8_usize);
    ask("consumers=8", "which consumer takes item 3, now that eight wait?");
    share_receiver(capacity, consumers).await
}

// ANCHOR: consumers
type Shared<T> = Arc<Mutex<mpsc::Receiver<T>>>;

async fn share_receiver(capacity: usize, consumers: usize) -> anyhow::Result<()> {
    let (items, queue) = mpsc::channel(capacity);
    let queue = Arc::new(Mutex::new(queue));
    let producer = tokio::spawn(produce(items).try_lane("producer"));
    let consumer =
        |n| tokio::spawn(consume(Arc::clone(&queue)).lane(format!("consumer-{n}")));
    let consumers: Vec<_> = (0..consumers).map(consumer).collect();
    producer.await??;
    for consumer in consumers {
        consumer.await?;
    }
    Ok(())
}

async fn produce(items: mpsc::Sender<u32>) -> anyhow::Result<()> {
    for item in 0..10 {
        items.send(item).await?;
        sleep(50.ms()).step("making").await;
    }
    Ok(())
}

async fn consume(queue: Shared<u32>) {
    while let Some(item) = next(&queue).await {
        say!("takes item {item}");
        sleep(100.ms()).step("using").await;
    }
    say!("ends");
}

/// If this expression were written in the `while let`, the lock would be held until the item has
/// been used.
async fn next<T>(queue: &Shared<T>) -> Option<T> {
    queue.lock().await.recv().await
}
// ANCHOR_END: consumers

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn seen(capacity: usize, consumers: usize) -> Transcript {
        virtual_time(Transcript::of(share_receiver(capacity, consumers)))
    }

    /// ```text
    ///             0    50   100  150  200
    /// consumer-0  0█████████░░░░3█████████
    /// consumer-1  ░░░░░1█████████░░░░4████
    /// consumer-2  ░░░░░░░░░░2█████████░░░░
    /// ```
    #[test]
    fn three_consumers_take_turns() {
        let seen = seen(3, 3);
        for item in 0..10 {
            let line = format!("consumer-{} takes item {item}", item % 3);
            seen.assert_at((50 * item).ms(), &line);
        }
        assert_eq!(seen.elapsed(), 550.ms(), "{seen}");
    }

    #[test]
    fn closing_the_queue_ends_every_consumer() {
        for consumers in [1, 3, 8] {
            let seen = seen(3, consumers);
            let count = |part: &str| {
                seen.lines().iter().filter(|line| line.text.starts_with(part)).count()
            };
            assert_eq!(count("ends"), consumers, "{seen}");
            assert_eq!(count("takes"), 10, "{seen}");
        }
    }

    #[test]
    fn two_consumers_use_their_items_at_the_same_time() {
        let seen = seen(3, 2);
        assert_eq!(seen.elapsed(), 550.ms(), "{seen}");
    }
}
