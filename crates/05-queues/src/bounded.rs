//! A bounded queue makes a fast producer wait for its consumer.
//!
//! asyncio: `asyncio.Queue(maxsize)`, and a sentinel as the last item, which stops the consumer.
//! Tokio: `mpsc::channel(capacity)`, always with a capacity. When the last sender is dropped and
//! the queue is empty, `recv` returns `None`, so no sentinel is needed.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{sync::mpsc, time::sleep};

/// A producer makes an item every 10 ms, and its consumer needs 30 ms for each.
pub(crate) async fn run() -> anyhow::Result<()> {
    let capacity = knob("capacity", 3, 1..=10_usize);
    let making = knob("making", 10.ms(), 1.ms()..=100.ms());
    let using = knob("using", 30.ms(), 1.ms()..=100.ms());
    ask("capacity=1", "how much longer does the whole run take?");
    produce_and_consume(capacity, making, using).await
}

// ANCHOR: bounded
async fn produce_and_consume(
    capacity: usize,
    making: Duration,
    using: Duration,
) -> anyhow::Result<()> {
    let (items, queue) = mpsc::channel(capacity);
    let producer = tokio::spawn(produce(items, making).try_lane("producer"));
    let consumer = tokio::spawn(consume(queue, using).lane("consumer"));
    producer.await??;
    consumer.await?;
    Ok(())
}

async fn produce(items: mpsc::Sender<u32>, making: Duration) -> anyhow::Result<()> {
    for item in 0..10 {
        sleep(making).step("making").await;
        items.send(item).await?;
        say!("produced {item}");
    }
    // The only sender is dropped here, and that closes the queue.
    Ok(())
}

async fn consume(mut queue: mpsc::Receiver<u32>, using: Duration) {
    while let Some(item) = queue.recv().await {
        sleep(using).step("using").await;
        say!("consumed {item}");
    }
    say!("finds the queue closed and empty");
}
// ANCHOR_END: bounded

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn seen(capacity: usize, making: u64, using: u64) -> Transcript {
        virtual_time(Transcript::of(produce_and_consume(
            capacity,
            making.ms(),
            using.ms(),
        )))
    }

    /// ```text
    ///           0   10  20  30  40  50  60  70      one in use, three in the queue:
    /// producer  ●───0───1───2───3───4░░░░░░░5       item 5 is made, but has no room
    /// consumer  ░░░░████████████████████████0...    until the consumer takes an item
    /// ```
    #[test]
    fn a_full_queue_makes_the_producer_wait() {
        let seen = seen(3, 10, 30);
        for (item, at) in [10, 20, 30, 40, 50, 70, 100, 130, 160, 190].iter().enumerate()
        {
            seen.assert_at(at.ms(), &format!("producer produced {item}"));
            let consumed = 40 + 30 * item as u64;
            seen.assert_at(consumed.ms(), &format!("consumer consumed {item}"));
        }
        assert_eq!(seen.elapsed(), 310.ms(), "{seen}");
    }

    #[test]
    fn a_fast_consumer_gets_each_item_as_it_is_made() {
        let seen = seen(5, 50, 20);
        for item in 0..10 {
            let made = 50 * (item + 1);
            seen.assert_at(made.ms(), &format!("producer produced {item}"));
            seen.assert_at((made + 20).ms(), &format!("consumer consumed {item}"));
        }
        assert_eq!(seen.elapsed(), 520.ms(), "{seen}");
    }

    #[test]
    fn closing_the_queue_ends_the_consumer_after_the_last_item() {
        for capacity in [1, 3, 10] {
            let seen = seen(capacity, 10, 30);
            let last: Vec<_> = seen.lines().iter().rev().take(2).collect();
            assert_eq!(last[0].text, "finds the queue closed and empty", "{seen}");
            assert_eq!(last[1].text, "consumed 9", "{seen}");
        }
    }
}
