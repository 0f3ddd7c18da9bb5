//! A cancelled `send` loses its item, and a cancelled `reserve` loses nothing.
//!
//! asyncio: after a cancelled `put`, the producer still has the item. Tokio: `send` owns the item,
//! so if a timeout or a `select!` drops the `send`, the item is dropped with it. `reserve` waits
//! only for a free slot, and the item is moved only when there is a slot.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

/// Two producers time out at a full queue after 20 ms. Only the one that reserves keeps its item.
pub(crate) async fn run() -> anyhow::Result<()> {
    let patience = knob("patience", 20.ms(), 1.ms()..=200.ms());
    let using = knob("using", 50.ms(), 1.ms()..=200.ms());
    ask("using=100ms", "how many parcels does the sending producer lose?");
    let reserve = |items| reserve_first(items, patience);
    produce_and_consume("reserving producer", reserve, using).await?;
    let send = |items| send_directly(items, patience);
    produce_and_consume("sending producer", send, using).await
}

/// A parcel is not `Copy`, unlike a number, so its owner can send it only once.
#[derive(Debug)]
struct Parcel(u32);

async fn produce_and_consume<P>(
    lane: &str,
    produce: impl FnOnce(mpsc::Sender<Parcel>) -> P,
    using: Duration,
) -> anyhow::Result<()>
where
    P: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let (items, queue) = mpsc::channel(1);
    let producer = tokio::spawn(produce(items).try_lane(lane));
    let consumer = tokio::spawn(consume(queue, using).lane("consumer"));
    producer.await??;
    consumer.await?;
    Ok(())
}

// ANCHOR: reserve
async fn reserve_first(
    items: mpsc::Sender<Parcel>,
    patience: Duration,
) -> anyhow::Result<()> {
    for parcel in (0..4).map(Parcel) {
        let permit = loop {
            match timeout(patience, items.reserve()).await {
                Ok(permit) => break permit?,
                Err(_) => say!("still has parcel {}", parcel.0),
            }
            sleep(13.ms()).step("doing something else").await;
        };
        say!("sends parcel {}", parcel.0);
        permit.send(parcel);
    }
    Ok(())
}

async fn send_directly(
    items: mpsc::Sender<Parcel>,
    patience: Duration,
) -> anyhow::Result<()> {
    for parcel in (0..4).map(Parcel) {
        let n = parcel.0;
        // `send` moves the parcel: sending it again does not compile (`wrong/sent_again.rs`).
        match timeout(patience, items.send(parcel)).await {
            Ok(sent) => {
                sent?;
                say!("sends parcel {n}");
            }
            Err(_) => say!("has lost parcel {n}"),
        }
        sleep(13.ms()).step("doing something else").await;
    }
    Ok(())
}
// ANCHOR_END: reserve

async fn consume(mut queue: mpsc::Receiver<Parcel>, using: Duration) {
    while let Some(Parcel(n)) = queue.recv().await {
        sleep(using).step("using").await;
        say!("used parcel {n}");
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn used(seen: &Transcript) -> Vec<&str> {
        let lines = seen.lines().iter().map(|line| line.text.as_str());
        lines.filter_map(|line| line.strip_prefix("used parcel ")).collect()
    }

    #[test]
    fn all_parcels_arrive_although_a_reserve_times_out() {
        for (patience, using) in [(20, 50), (1, 100), (200, 50)] {
            let reserve = move |items| reserve_first(items, patience.ms());
            let run = produce_and_consume("reserving producer", reserve, using.ms());
            let seen = virtual_time(Transcript::of(run));
            assert_eq!(used(&seen), ["0", "1", "2", "3"], "{seen}");
        }
    }

    /// ```text
    /// 0    13   26   46   59          the queue has room for one
    /// 0    1    2--------⊘ 3          2 waits for room until it times out
    /// ```
    #[test]
    fn a_parcel_is_lost_if_its_send_times_out() {
        let send = |items| send_directly(items, 20.ms());
        let run = produce_and_consume("sending producer", send, 50.ms());
        let seen = virtual_time(Transcript::of(run));
        seen.assert_at(46.ms(), "sending producer has lost parcel 2");
        assert_eq!(used(&seen), ["0", "1", "3"], "{seen}");
    }

    /// This tests Tokio without the section: if Tokio ever changes, the section is wrong.
    #[test]
    fn a_send_that_times_out_drops_its_item() {
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
