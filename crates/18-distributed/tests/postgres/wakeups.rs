//! A worker that waits is woken by a notification, and finds its message without one.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use distributed::{Broker, Message, Queue, Settings};
use sqlx::query;
use tokio::time::{sleep, timeout};

use crate::space::on_postgres;

/// Another process publishes ten messages to a worker that waits. Without notifications each would wait for
/// a second; with them, all together take far less than half of that.
pub(crate) async fn assert_prompt(publisher: &dyn Broker, worker: &Arc<dyn Queue>) {
    let publisher = publisher.queue("jobs", Settings::default()).await.unwrap();
    let mut waited = Duration::ZERO;
    for n in 0..11 {
        let waiting = tokio::spawn({
            let worker = Arc::clone(worker);
            async move {
                worker.receive_one().await.unwrap().ack().await.unwrap();
                Instant::now()
            }
        });
        sleep(Duration::from_millis(50)).await;
        publisher.publish_one(Message::new("job")).await.unwrap();
        let published = Instant::now();
        let received = waiting.await.unwrap();
        // The listener may still be connecting during the first.
        if n > 0 {
            waited += received.saturating_duration_since(published);
        }
    }
    assert!(waited < Duration::from_secs(5), "ten messages waited {waited:?}");
}

#[tokio::test]
async fn a_worker_that_waits_is_woken_by_another_process() {
    on_postgres(async |space| {
        let worker = space.broker.queue("jobs", Settings::default()).await.unwrap();
        assert_prompt(space.another().await.as_ref(), &worker).await;
    })
    .await;
}

#[tokio::test]
async fn a_message_that_no_notification_announces_is_found_a_little_later() {
    on_postgres(async |space| {
        let queue = space.broker.queue("jobs", Settings::default()).await.unwrap();
        let mut session = space.session().await;
        let (received, ()) =
            tokio::join!(timeout(Duration::from_secs(20), queue.receive_one()), async {
                sleep(Duration::from_millis(200)).await;
                let insert =
                    "INSERT INTO message (queue, partition, body) VALUES (1, 0, 'quiet')";
                query(insert).execute(&mut session).await.unwrap();
            });
        assert_eq!(&*received.unwrap().unwrap().message.body, b"quiet");
    })
    .await;
}

#[tokio::test]
async fn workers_of_a_process_share_a_batch_that_was_announced_once() {
    on_postgres(async |space| {
        let queue = space.broker.queue("jobs", Settings::default()).await.unwrap();
        let mut waited = Duration::ZERO;
        for round in 0..11 {
            let work = |_| {
                let queue = queue.clone();
                tokio::spawn(
                    async move { queue.receive_one().await.unwrap().ack().await },
                )
            };
            let waiting: Vec<_> = (0..4).map(work).collect();
            sleep(Duration::from_millis(100)).await;
            let batch = (0..4).map(|n| Message::new(n.to_string())).collect();
            queue.publish(batch).await;
            let published = Instant::now();
            for worker in waiting {
                worker.await.unwrap().unwrap();
            }
            // The listener may still be connecting during the first.
            if round > 0 {
                waited += published.elapsed();
            }
        }
        // Each wakes the next. Otherwise three of them would look when their second is over.
        assert!(waited < Duration::from_secs(5), "ten batches waited {waited:?}");
    })
    .await;
}

#[tokio::test]
async fn an_acknowledgement_wakes_a_worker_that_max_ack_pending_has_stopped() {
    on_postgres(async |space| {
        let settings = Settings { max_ack_pending: 1, ..Settings::default() };
        let queue = space.broker.queue("jobs", settings).await.unwrap();
        queue.publish((0..6).map(|n| Message::new(n.to_string())).collect()).await;
        let mut waited = Duration::ZERO;
        let mut held = queue.receive_one().await.unwrap();
        for _ in 0..5 {
            let next = tokio::spawn({
                let queue = queue.clone();
                async move { queue.receive_one().await.unwrap() }
            });
            // It has looked after 50, 150, 350 and 750 ms. Without being woken it looks again after 1,550 ms.
            sleep(Duration::from_millis(800)).await;
            held.ack().await.unwrap();
            let acknowledged = Instant::now();
            held = next.await.unwrap();
            waited += acknowledged.elapsed();
        }
        assert!(waited < Duration::from_secs(2), "five workers waited {waited:?}");
    })
    .await;
}
