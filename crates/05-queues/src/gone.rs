//! As soon as the last consumer is gone, `send` fails and returns its item to the producer.
//!
//! asyncio: the queue does not know its consumers. `put` on a full queue waits forever, unless
//! another task watches the consumers and cancels the producers. Tokio: the consumers own the
//! receiver, and the last of them drops it. Then `send` fails, and `closed` wakes a producer that
//! is not sending.

use std::sync::Arc;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    select,
    sync::{
        Mutex,
        mpsc::{self, Receiver, Sender, error::SendError},
    },
    task::JoinSet,
    time::sleep,
};

/// A consumer that takes item 4 or a later item fails, until no consumer is left.
pub(crate) async fn run() -> anyhow::Result<()> {
    let capacity = knob("capacity", 2, 1..=10_usize);
    let consumers = knob("consumers", 2, 1..=5_usize);
    ask("capacity=10", "which item does the sending producer get back?");
    lose_all_consumers(capacity, consumers).await
}

// ANCHOR: gone
async fn lose_all_consumers(capacity: usize, consumers: usize) -> anyhow::Result<()> {
    let (items, queue) = mpsc::channel(capacity);
    let sending = tokio::spawn(produce(items.clone()).lane("sending producer"));
    let waiting = tokio::spawn(wait_for_item(items).lane("waiting producer"));
    let mut consumers = start_consumers(consumers, queue);
    while let Some(consumer) = consumers.join_next().await {
        if let Err(error) = consumer? {
            say!("a consumer failed: {error}");
        }
    }
    sending.await?;
    waiting.await?;
    Ok(())
}

/// Only the consumers own the receiver, so the last of them drops it.
fn start_consumers(
    consumers: usize,
    queue: Receiver<u32>,
) -> JoinSet<anyhow::Result<()>> {
    let queue = Arc::new(Mutex::new(queue));
    let consumer = |n| consume(n, Arc::clone(&queue)).try_lane(format!("consumer-{n}"));
    (0..consumers as u32).map(consumer).collect()
}

async fn produce(items: Sender<u32>) {
    for item in 0.. {
        if let Err(SendError(item)) = items.send(item).await {
            return say!("gets {item} back: no consumer is left");
        }
    }
}

async fn wait_for_item(items: Sender<u32>) {
    select! {
        biased;
        () = items.closed() => say!("stops waiting: no consumer is left"),
        () = sleep(10.secs()) => say!("has waited 10 s"),
    }
}

async fn consume(n: u32, queue: Arc<Mutex<Receiver<u32>>>) -> anyhow::Result<()> {
    while let Some(item) = next(&queue).await {
        sleep(20.ms() + 11.ms() * n).step("using").await;
        anyhow::ensure!(item < 4, "item {item} is broken");
        say!("used {item}");
    }
    Ok(())
}
// ANCHOR_END: gone

async fn next<T>(queue: &Mutex<Receiver<T>>) -> Option<T> {
    queue.lock().await.recv().await
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn seen(capacity: usize, consumers: usize) -> Transcript {
        virtual_time(Transcript::of(lose_all_consumers(capacity, consumers)))
    }

    /// ```text
    ///                   0     20    40    60    80 93
    /// consumer-0        0█████2█████4█████✗
    /// consumer-1        1████████3█████████5████████✗     93: the last consumer is gone
    /// sending producer  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░8     it waits for room, and gets an error
    /// ```
    #[test]
    fn a_producer_that_waits_for_room_gets_its_item_back() {
        let seen = seen(2, 2);
        seen.assert_at(93.ms(), "sending producer gets 8 back: no consumer is left");
        assert_eq!(seen.elapsed(), 93.ms(), "{seen}");
    }

    #[test]
    fn a_producer_that_is_not_sending_is_woken_too() {
        seen(2, 2)
            .assert_at(93.ms(), "waiting producer stops waiting: no consumer is left");
    }

    #[test]
    fn one_consumer_that_dies_does_not_stop_the_others() {
        let seen = seen(2, 2);
        seen.assert_at(60.ms(), "a consumer failed: item 4 is broken");
        seen.assert_at(62.ms(), "consumer-1 used 3");
    }

    #[test]
    fn every_failure_is_reported_for_any_number_of_consumers() {
        for consumers in 1..=5 {
            let seen = seen(3, consumers);
            let failures =
                seen.lines().iter().filter(|line| line.text.contains("failed"));
            assert_eq!(failures.count(), consumers, "{seen}");
        }
    }
}
