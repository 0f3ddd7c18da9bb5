//! A cancelled `send` loses its item, and a cancelled `reserve` loses nothing.
//!
//! asyncio: the item of a cancelled `put` still has its name in the producer. Tokio: `send` owns
//! the item, and so drops it when a limit or a `select!` drops the `send`. `reserve` waits for
//! the room alone; the item moves only once there is some.

use std::time::Duration;

use async_kit::{Lane, Millis, knob, say};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

/// The producer gives up on a full queue after 20 ms, does something else, and tries again.
pub(crate) async fn run() -> anyhow::Result<()> {
    let patience = knob("patience", 20.ms(), 1.ms()..=200.ms());
    let using = knob("using", 50.ms(), 1.ms()..=200.ms());
    hand_over(patience, using).await
}

// ANCHOR: reserve
async fn hand_over(patience: Duration, using: Duration) -> anyhow::Result<()> {
    let (items, queue) = mpsc::channel(1);
    let producer = tokio::spawn(produce(items, patience).try_lane("producer"));
    let consumer = tokio::spawn(consume(queue, using).lane("consumer"));
    producer.await??;
    consumer.await?;
    Ok(())
}

async fn produce(items: mpsc::Sender<u32>, patience: Duration) -> anyhow::Result<()> {
    for item in 0..5 {
        // With `items.send(item)` in its place, the item would be gone after the first limit.
        let room = loop {
            match timeout(patience, items.reserve()).await {
                Ok(room) => break room?,
                Err(_) => say!("still has {item}"),
            }
            sleep(3.ms()).step("something else").await;
        };
        room.send(item);
        say!("hands over {item}");
    }
    Ok(())
}
// ANCHOR_END: reserve

async fn consume(mut queue: mpsc::Receiver<u32>, using: Duration) {
    while let Some(item) = queue.recv().await {
        sleep(using).step("using").await;
        say!("used {item}");
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn seen(patience: u64, using: u64) -> Transcript {
        virtual_time(Transcript::of(hand_over(patience.ms(), using.ms())))
    }

    #[test]
    fn a_producer_that_gives_up_keeps_its_item_and_every_item_arrives() {
        for (patience, using) in [(20, 50), (1, 100), (200, 50)] {
            let seen = seen(patience, using);
            let used = seen.lines().iter().filter(|line| line.text.starts_with("used"));
            let used: Vec<_> = used.map(|line| line.text.clone()).collect();
            assert_eq!(
                used,
                ["used 0", "used 1", "used 2", "used 3", "used 4"],
                "{seen}"
            );
        }
    }

    /// The trap itself, so that the section would be wrong if Tokio ever mended it.
    #[test]
    fn a_send_that_a_limit_cuts_off_takes_its_item_along() {
        let left = virtual_time(async {
            let (items, mut queue) = mpsc::channel(1);
            items.send("first").await.expect("the queue is open");
            let late = timeout(10.ms(), items.send("second")).await;
            drop(items);
            assert!(late.is_err(), "the queue was full");
            [queue.recv().await, queue.recv().await]
        });
        assert_eq!(left, [Some("first"), None]);
    }
}
