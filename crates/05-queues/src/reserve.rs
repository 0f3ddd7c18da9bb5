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

/// Two producers give up on a full queue after 20 ms; only the careful one still has its item.
pub(crate) async fn run() -> anyhow::Result<()> {
    let patience = knob("patience", 20.ms(), 1.ms()..=200.ms());
    let using = knob("using", 50.ms(), 1.ms()..=200.ms());
    hand_over("careful", |items| keep(items, patience), using).await?;
    hand_over("careless", |items| lose(items, patience), using).await
}

/// Whoever owns it can hand it over once: unlike a number, it is not copied.
#[derive(Debug)]
struct Parcel(u32);

async fn hand_over<P>(
    name: &str,
    produce: impl FnOnce(mpsc::Sender<Parcel>) -> P,
    using: Duration,
) -> anyhow::Result<()>
where
    P: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let (items, queue) = mpsc::channel(1);
    let producer = tokio::spawn(produce(items).try_lane(name));
    let consumer = tokio::spawn(consume(queue, using).lane("consumer"));
    producer.await??;
    consumer.await?;
    Ok(())
}

// ANCHOR: reserve
async fn keep(items: mpsc::Sender<Parcel>, patience: Duration) -> anyhow::Result<()> {
    for parcel in (0..4).map(Parcel) {
        let room = loop {
            match timeout(patience, items.reserve()).await {
                Ok(room) => break room?,
                Err(_) => say!("still has {}", parcel.0),
            }
            sleep(13.ms()).step("doing something else").await;
        };
        say!("hands over {}", parcel.0);
        room.send(parcel);
    }
    Ok(())
}

async fn lose(items: mpsc::Sender<Parcel>, patience: Duration) -> anyhow::Result<()> {
    for parcel in (0..4).map(Parcel) {
        let n = parcel.0;
        // This moves the parcel: sending it again does not compile (`wrong/sent_again.rs`).
        match timeout(patience, items.send(parcel)).await {
            Ok(sent) => {
                sent?;
                say!("hands over {n}");
            }
            Err(_) => say!("has lost {n}"),
        }
        sleep(13.ms()).step("doing something else").await;
    }
    Ok(())
}
// ANCHOR_END: reserve

async fn consume(mut queue: mpsc::Receiver<Parcel>, using: Duration) {
    while let Some(Parcel(n)) = queue.recv().await {
        sleep(using).step("using").await;
        say!("used {n}");
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn used(seen: &Transcript) -> Vec<&str> {
        let lines = seen.lines().iter().map(|line| line.text.as_str());
        lines.filter(|line| line.starts_with("used")).collect()
    }

    #[test]
    fn a_producer_that_gives_up_a_reserve_keeps_its_parcel_and_all_arrive() {
        for (patience, using) in [(20, 50), (1, 100), (200, 50)] {
            let keep = move |items| keep(items, patience.ms());
            let seen =
                virtual_time(Transcript::of(hand_over("careful", keep, using.ms())));
            assert_eq!(used(&seen), ["used 0", "used 1", "used 2", "used 3"], "{seen}");
        }
    }

    /// ```text
    /// 0    13   26   46   59          the queue has room for one
    /// 0    1    2--------⊘ 3          2 waits for room until its limit
    /// ```
    #[test]
    fn a_producer_that_gives_up_a_send_has_lost_its_parcel() {
        let lose = |items| lose(items, 20.ms());
        let seen = virtual_time(Transcript::of(hand_over("careless", lose, 50.ms())));
        seen.assert_at(46.ms(), "careless has lost 2");
        assert_eq!(used(&seen), ["used 0", "used 1", "used 3"], "{seen}");
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
