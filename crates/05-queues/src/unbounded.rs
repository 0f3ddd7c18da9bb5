//! Without a bound the producer never waits, and the backlog of a slow consumer grows.
//!
//! asyncio: `asyncio.Queue()`, whose default is no limit. Tokio: only `mpsc::unbounded_channel`,
//! whose `send` is not `async`, because it never waits.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{sync::mpsc, time::sleep};

/// A producer and a consumer as in `bounded`: the consumer is three times as slow.
pub(crate) async fn run() -> anyhow::Result<()> {
    let making = knob("making", 10.ms(), 1.ms()..=100.ms());
    let using = knob("using", 31.ms(), 1.ms()..=100.ms());
    ask("making=25ms", "how large does the backlog become?");
    produce_and_consume(10, making, using).await
}

// ANCHOR: unbounded
async fn produce_and_consume(
    count: u32,
    making: Duration,
    using: Duration,
) -> anyhow::Result<()> {
    let (items, queue) = mpsc::unbounded_channel();
    let producer = tokio::spawn(produce(items, count, making).try_lane("producer"));
    let consumer = tokio::spawn(consume(queue, using).lane("consumer"));
    producer.await??;
    consumer.await?;
    Ok(())
}

async fn produce(
    items: mpsc::UnboundedSender<u32>,
    count: u32,
    making: Duration,
) -> anyhow::Result<()> {
    for item in 0..count {
        sleep(making).step("making").await;
        items.send(item)?;
    }
    say!("produced {count}");
    Ok(())
}

async fn consume(mut queue: mpsc::UnboundedReceiver<u32>, using: Duration) {
    while let Some(item) = queue.recv().await {
        sleep(using).step("using").await;
        say!("consumed {item}, backlog {}", queue.len());
    }
}
// ANCHOR_END: unbounded

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn seen(count: u32, making: u64, using: u64) -> Transcript {
        virtual_time(Transcript::of(produce_and_consume(count, making.ms(), using.ms())))
    }

    #[test]
    fn without_a_bound_the_producer_never_waits_and_the_backlog_grows() {
        let seen = seen(10, 10, 31);
        seen.assert_at(100.ms(), "producer produced 10");
        seen.assert_at(41.ms(), "consumer consumed 0, backlog 3");
        seen.assert_at(72.ms(), "consumer consumed 1, backlog 5");
        seen.assert_at(103.ms(), "consumer consumed 2, backlog 7");
        assert_eq!(seen.elapsed(), 320.ms(), "{seen}");
    }

    #[test]
    fn a_consumer_that_keeps_up_has_no_backlog() {
        let seen = seen(5, 50, 1);
        for item in 0..5 {
            let line = format!("consumer consumed {item}, backlog 0");
            seen.assert_at((50 * (item + 1) + 1).ms(), &line);
        }
        assert_eq!(seen.elapsed(), 251.ms(), "{seen}");
    }
}
