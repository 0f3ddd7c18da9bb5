//! Every broker keeps each promise of a queue and a log.
#![cfg(not(target_family = "wasm"))]

#[path = "../src/on_all.rs"]
mod on_all;
mod promises {
    mod ids;
    mod logs;
    mod names;
    mod order;
    mod pressure;
    mod redelivery;
    mod reopened;
    mod workers;
}

use std::{
    num::NonZeroUsize,
    sync::Arc,
    time::{Duration, Instant},
};

use distributed::{
    Broker, Delivery, Message, PublishError, Queue, Receipt, Settings, Settle, Status,
    Token,
};
use tokio::time::timeout;

/// Short enough for a test that waits for it, and long enough for a call on a busy machine.
const ACK_WAIT: Duration = Duration::from_millis(300);

/// How long a test looks whether a message comes that must not come.
const QUIET: Duration = Duration::from_millis(150);

/// One partition; `ack_wait` does not end during a test.
fn settings() -> Settings {
    Settings { ack_wait: Duration::from_secs(60), ..Settings::default() }
}

async fn queue(broker: &Arc<dyn Broker>, settings: Settings) -> Arc<dyn Queue> {
    broker.queue("letters", settings).await.expect("a queue")
}

async fn publish(queue: &Arc<dyn Queue>, message: Message) -> Receipt {
    queue.publish_one(message).await.expect("it is stored")
}

async fn publish_all<const N: usize>(queue: &Arc<dyn Queue>, bodies: [&'static str; N]) {
    let receipts = queue.publish(bodies.map(Message::new).into()).await;
    assert!(receipts.iter().all(Result::is_ok), "{receipts:?}");
}

async fn receive(queue: &Arc<dyn Queue>) -> Delivery {
    queue.receive_one().await.expect("a delivery")
}

async fn receive_many(queue: &Arc<dyn Queue>, max: usize) -> Vec<Delivery> {
    let max = NonZeroUsize::new(max).expect("not zero");
    queue.receive(0, max).await.expect("deliveries")
}

/// Receives as many as there are, one after the other, and acknowledges each.
async fn work_off(queue: &Arc<dyn Queue>, count: usize) -> Vec<String> {
    let mut seen = Vec::new();
    for _ in 0..count {
        let delivery = receive(queue).await;
        seen.push(text(&delivery.message));
        delivery.ack().await.expect("confirmed");
    }
    seen
}

/// Fails if a message is delivered.
async fn assert_quiet(queue: &Arc<dyn Queue>) {
    if let Ok(delivery) = timeout(QUIET, queue.receive_one()).await {
        let token = delivery.as_ref().ok().map(|delivery| &delivery.token);
        panic!("a message too many: {delivery:?} {token:?}");
    }
}

async fn settle(queue: &Arc<dyn Queue>, tokens: &[Token], how: Settle) {
    let settled = queue.settle(tokens, how).await;
    assert_eq!(settled.len(), tokens.len());
    assert!(settled.iter().all(Result::is_ok), "{settled:?}");
}

async fn status(queue: &Arc<dyn Queue>) -> Status {
    queue.status().await.expect("a status")
}

/// The status, once it is as expected: a broker may need a moment to count.
async fn assert_status(queue: &Arc<dyn Queue>, expected: Status) {
    let started = Instant::now();
    loop {
        let status = status(queue).await;
        if status == expected {
            return;
        }
        let waited = started.elapsed();
        assert!(waited < Duration::from_secs(10), "{status:?} and not {expected:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn dead_letters(queue: &Arc<dyn Queue>) -> Vec<String> {
    let dead = queue.dead_letters().await.expect("dead letters");
    dead.iter().map(text).collect()
}

fn text(message: &Message) -> String {
    String::from_utf8(message.body.to_vec()).expect("text")
}

fn texts(deliveries: &[Delivery]) -> Vec<String> {
    deliveries.iter().map(|delivery| text(&delivery.message)).collect()
}

fn tokens(deliveries: &[Delivery]) -> Vec<Token> {
    deliveries.iter().map(|delivery| delivery.token.clone()).collect()
}
