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
async fn eight_workers_of_a_process_share_a_batch_that_was_announced_once() {
    on_postgres(async |space| {
        let queue = space.broker.queue("jobs", Settings::default()).await.unwrap();
        let receive = |_| {
            let queue = queue.clone();
            tokio::spawn(async move { queue.receive_one().await.unwrap() })
        };
        let waiting: Vec<_> = (0..8).map(receive).collect();
        sleep(Duration::from_millis(200)).await;
        let started = Instant::now();
        queue.publish((0..8).map(|n| Message::new(n.to_string())).collect()).await;
        let mut bodies = Vec::new();
        for worker in waiting {
            bodies.push(worker.await.unwrap().message.body);
        }
        bodies.sort();
        assert_eq!(bodies, ["0", "1", "2", "3", "4", "5", "6", "7"]);
        // Each wakes the next. Otherwise they look one after the other, each a second after its last look.
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_is_dropped_while_it_claims_wakes_another() {
    on_postgres(async |space| {
        let queue = space.broker.queue("jobs", Settings::default()).await.unwrap();
        let patient = tokio::spawn({
            let queue = queue.clone();
            async move { queue.receive_one().await.unwrap() }
        });
        for _ in 0..20 {
            // It is dropped in the middle of its claim or of its wait.
            let _ = timeout(Duration::from_millis(3), queue.receive_one()).await;
        }
        queue.publish_one(Message::new("job")).await.unwrap();
        let delivery = timeout(Duration::from_secs(20), patient).await.unwrap().unwrap();
        delivery.ack().await.unwrap();
    })
    .await;
}
