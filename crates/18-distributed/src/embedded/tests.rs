//! In virtual time, each promise of a queue with a time is kept to the millisecond.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use async_kit::{Millis, virtual_time};
use tokio::time::{Instant, sleep, timeout};

use super::Embedded;
use crate::{Broker, Delivery, Message, Queue, Settings};

mod cancellation;
#[cfg(not(target_family = "wasm"))]
mod journal;
mod times;

/// A queue of a broker in memory.
async fn queue(settings: Settings) -> Arc<dyn Queue> {
    Embedded::in_memory().queue("letters", settings).await.expect("a queue")
}

/// One partition, and `ack_wait` of 100 ms.
fn quick() -> Settings {
    Settings { ack_wait: 100.ms(), ..Settings::default() }
}

async fn publish(queue: &Arc<dyn Queue>, body: &'static str) {
    queue.publish_one(Message::new(body)).await.expect("it is stored");
}

async fn receive(queue: &Arc<dyn Queue>) -> Delivery {
    queue.receive_one().await.expect("a delivery")
}

/// Whether no message is delivered within this time.
async fn is_quiet(queue: &Arc<dyn Queue>, time: Duration) -> bool {
    timeout(time, queue.receive_one()).await.is_err()
}

fn text(delivery: &Delivery) -> &str {
    std::str::from_utf8(&delivery.message.body).expect("text")
}

fn ten() -> NonZeroUsize {
    NonZeroUsize::new(10).expect("not zero")
}
