//! Workers claim messages without waiting for each other's, and never too many.

use std::{
    num::NonZeroUsize,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    time::Duration,
};

use distributed::{Broker, Message, Queue, Settings, Settle};
use futures::{FutureExt, future::select_all};
use sqlx::{Connection, query, query_scalar};

use crate::space::on_postgres;

fn messages(count: usize) -> Vec<Message> {
    (0..count).map(|n| Message::new(n.to_string())).collect()
}

const TEN: NonZeroUsize = NonZeroUsize::new(10).unwrap();

#[tokio::test]
async fn a_message_that_another_session_has_locked_is_skipped() {
    on_postgres(async |space| {
        let queue = space.broker.queue("jobs", Settings::default()).await.unwrap();
        queue.publish(messages(3)).await;
        let mut session = space.session().await;
        let mut transaction = session.begin().await.unwrap();
        let lock = "SELECT id FROM message ORDER BY id LIMIT 1 FOR UPDATE";
        query(lock).execute(&mut *transaction).await.unwrap();
        let received = queue.receive(0, TEN).await.unwrap();
        let bodies: Vec<_> = received.iter().map(|d| &*d.message.body).collect();
        assert_eq!(bodies, [b"1", b"2"]);
    })
    .await;
}

#[tokio::test]
async fn no_more_than_max_ack_pending_are_in_flight_with_many_workers_in_two_processes() {
    on_postgres(async |space| {
        let settings = Settings { max_ack_pending: 3, ..Settings::default() };
        let queue = space.broker.queue("jobs", settings.clone()).await.unwrap();
        let other = space.another().await.queue("jobs", settings).await.unwrap();
        queue.publish(messages(40)).await;
        let (in_flight, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let done = AtomicUsize::new(0);
        let work = async |queue: &dyn Queue| {
            loop {
                let received =
                    queue.receive(0, NonZeroUsize::new(2).unwrap()).await.unwrap();
                let now = in_flight.fetch_add(received.len(), SeqCst) + received.len();
                most.fetch_max(now, SeqCst);
                tokio::task::yield_now().await;
                in_flight.fetch_sub(received.len(), SeqCst);
                for delivery in received {
                    delivery.ack().await.unwrap();
                    if done.fetch_add(1, SeqCst) + 1 == 40 {
                        return;
                    }
                }
            }
        };
        let workers = (0..8)
            .map(|n| work(if n % 2 == 0 { &*queue } else { &*other }).boxed_local());
        // The worker that acknowledges the last message ends it; the others still wait.
        select_all(workers).await;
        assert!(most.load(SeqCst) <= 3, "{} in flight", most.load(SeqCst));
    })
    .await;
}

#[tokio::test]
async fn a_claim_that_finds_nothing_writes_nothing() {
    on_postgres(async |space| {
        let queue = space.broker.queue("jobs", Settings::default()).await.unwrap();
        queue.publish_one(Message::new("held")).await.unwrap();
        let held = queue.receive_one().await.unwrap();
        let mut session = space.session().await;
        let mut transaction = session.begin().await.unwrap();
        let claim = "SELECT count(*) FROM claim(1, 0, 10, '30s', 3, 1000)";
        let claimed: i64 =
            query_scalar(claim).fetch_one(&mut *transaction).await.unwrap();
        assert_eq!(claimed, 0);
        let wrote = "SELECT pg_current_xact_id_if_assigned() IS NOT NULL";
        let wrote: bool = query_scalar(wrote).fetch_one(&mut *transaction).await.unwrap();
        assert!(!wrote, "an idle worker would make the server wait for its disk");
        held.ack().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_late_worker_cannot_return_or_bury_what_another_one_holds() {
    on_postgres(async |space| {
        let settings =
            Settings { ack_wait: Duration::from_millis(50), ..Settings::default() };
        let queue = space.broker.queue("jobs", settings).await.unwrap();
        queue.publish_one(Message::new("job")).await.unwrap();
        let late = queue.receive_one().await.unwrap();
        let second = queue.receive_one().await.unwrap();
        assert_eq!(second.deliveries, 2);
        second.in_progress().await.unwrap();
        for how in [Settle::Nak(Duration::ZERO), Settle::InProgress, Settle::Term] {
            let before = due(space).await;
            let settled = queue.settle(std::slice::from_ref(&late.token), how).await;
            assert!(settled.iter().all(Result::is_ok), "{how:?}: {settled:?}");
            assert_eq!(due(space).await, before, "{how:?}");
        }
        late.ack().await.unwrap();
        assert_eq!(due(space).await, None, "a late acknowledgement counts");
    })
    .await;
}

async fn due(space: &crate::space::Space) -> Option<String> {
    let due = query_scalar("SELECT due::text || held FROM message");
    due.fetch_optional(&mut space.session().await).await.unwrap()
}
