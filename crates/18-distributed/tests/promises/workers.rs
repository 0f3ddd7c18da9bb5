//! Many workers share a queue, and a call that is dropped loses nothing.

use std::{collections::BTreeSet, sync::Mutex};

use tokio::task::JoinSet;

use crate::{on_all::on_all, *};

const MESSAGES: usize = 1_000;

async fn publish_numbers(queue: &Arc<dyn Queue>) {
    let messages = (0..MESSAGES).map(|n| Message::new(n.to_string())).collect();
    let receipts = queue.publish(messages).await;
    let failed = receipts.iter().find(|receipt| receipt.is_err());
    assert!(failed.is_none(), "{failed:?}");
}

fn numbers() -> BTreeSet<usize> {
    (0..MESSAGES).collect()
}

fn number(delivery: &Delivery) -> usize {
    text(&delivery.message).parse().expect("a number")
}

/// Each worker receives batches of its own size, and ends when the queue is empty.
#[tokio::test]
async fn eight_workers_settle_each_of_1000_messages_exactly_once() {
    on_all(async |broker| {
        let queue = queue(&broker, settings()).await;
        publish_numbers(&queue).await;
        let mut workers = JoinSet::new();
        for max in [1, 2, 5, 10, 20, 50, 100, 200] {
            let queue = Arc::clone(&queue);
            workers.spawn(async move {
                let mut settled = Vec::new();
                while let Ok(batch) = timeout(5 * QUIET, receive_many(&queue, max)).await
                {
                    assert!((1..=max).contains(&batch.len()), "{} of {max}", batch.len());
                    settle(&queue, &tokens(&batch), Settle::Ack).await;
                    settled.extend(batch.iter().map(number));
                }
                settled
            });
        }
        let settled = workers.join_all().await.concat();
        assert_eq!(settled.len(), MESSAGES, "twice or never");
        assert_eq!(settled.into_iter().collect::<BTreeSet<_>>(), numbers());
        assert_status(&queue, Status::default()).await;
    })
    .await;
}

/// Each call of `receive` is dropped after a random time, mostly before it has an answer.
#[tokio::test]
async fn a_receive_that_is_dropped_at_any_time_loses_no_message() {
    on_all(async |broker| {
        let ack_wait = Duration::from_secs(1);
        let often = Settings { ack_wait, max_deliver: 1_000, ..settings() };
        let queue = queue(&broker, often).await;
        let settled = Arc::new(Mutex::new(BTreeSet::new()));
        let mut workers = JoinSet::new();
        for worker in 0..4 {
            workers.spawn(impatient(Arc::clone(&queue), Arc::clone(&settled), worker));
        }
        publish_numbers(&queue).await;
        workers.join_all().await;
        assert_eq!(*settled.lock().expect("no panic"), numbers());
        assert_status(&queue, Status::default()).await;
    })
    .await;
}

/// Works until every number is settled, and drops each call of `receive` after up to 5 ms.
async fn impatient(
    queue: Arc<dyn Queue>,
    settled: Arc<Mutex<BTreeSet<usize>>>,
    seed: u64,
) {
    let mut random = fastrand::Rng::with_seed(seed);
    while settled.lock().expect("no panic").len() < MESSAGES {
        let limit = Duration::from_micros(random.u64(..5_000));
        if let Ok(batch) = timeout(limit, receive_many(&queue, 20)).await {
            settle(&queue, &tokens(&batch), Settle::Ack).await;
            settled.lock().expect("no panic").extend(batch.iter().map(number));
        }
    }
}

/// The messages of a dropped call are stored or not. With its id each can be published again.
#[tokio::test]
async fn a_publish_that_is_dropped_and_repeated_stores_each_message_once() {
    on_all(async |broker| {
        let queue = queue(&broker, settings()).await;
        let mut random = fastrand::Rng::with_seed(7);
        for n in 0..100 {
            let message = Message::new(n.to_string()).id(n.to_string());
            let limit = Duration::from_micros(random.u64(..2_000));
            let _ = timeout(limit, queue.publish_one(message.clone())).await;
            publish(&queue, message).await;
        }
        let mut seen = work_off(&queue, 100).await;
        assert_quiet(&queue).await;
        seen.sort_by_key(|n| n.parse::<u8>().expect("a number"));
        assert_eq!(seen, (0..100).map(|n| n.to_string()).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn a_message_that_is_published_and_forgotten_arrives_if_nothing_fails() {
    on_all(async |broker| {
        let queue = queue(&broker, settings()).await;
        for n in 0..10 {
            let sent = queue.publish_and_forget(Message::new(n.to_string())).await;
            sent.expect("it is sent");
        }
        let mut seen = work_off(&queue, 10).await;
        seen.sort();
        assert_eq!(seen, (0..10).map(|n| n.to_string()).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_waits_gets_the_next_message_without_a_delay() {
    on_all(async |broker| {
        let queue = queue(&broker, settings()).await;
        for _ in 0..10 {
            let worker = tokio::spawn({
                let queue = Arc::clone(&queue);
                async move { receive(&queue).await.ack().await }
            });
            tokio::time::sleep(Duration::from_millis(30)).await;
            publish_all(&queue, ["a"]).await;
            worker.await.expect("no panic").expect("confirmed");
        }
    })
    .await;
}
