//! What happens at which millisecond.

use super::*;
use crate::{Settle, Status};

/// ```text
/// 0       100      200
/// a █████████                 the first delivery, never settled
/// b          █✓               the second
/// ```
#[test]
fn a_message_returns_exactly_after_ack_wait() {
    virtual_time(async {
        let queue = queue(quick()).await;
        publish(&queue, "a").await;
        let started = Instant::now();
        drop(receive(&queue).await);
        let again = receive(&queue).await;
        assert_eq!((started.elapsed(), again.deliveries), (100.ms(), 2));
        again.ack().await.expect("confirmed");
        assert!(is_quiet(&queue, 1_000.ms()).await);
    });
}

/// ```text
/// 0    60   100  120   160  220
/// a ███♥─────────♥──────────┤    in_progress at 60 and 120: it returns at 220
/// ```
#[test]
fn each_sign_of_progress_begins_ack_wait_again() {
    virtual_time(async {
        let queue = queue(quick()).await;
        publish(&queue, "a").await;
        let started = Instant::now();
        let first = receive(&queue).await;
        for _ in 0..2 {
            sleep(60.ms()).await;
            first.in_progress().await.expect("confirmed");
        }
        drop(receive(&queue).await);
        assert_eq!(started.elapsed(), 220.ms());
    });
}

#[test]
fn a_message_that_was_returned_with_a_delay_is_delivered_at_its_end() {
    virtual_time(async {
        let queue = queue(quick()).await;
        publish(&queue, "a").await;
        let started = Instant::now();
        receive(&queue).await.nak(250.ms()).await.expect("confirmed");
        let status = queue.status().await.expect("a status");
        assert_eq!(status, Status { waiting: 1, ..Status::default() });
        drop(receive(&queue).await);
        assert_eq!(started.elapsed(), 250.ms());
        receive(&queue).await.nak(Duration::ZERO).await.expect("confirmed");
        assert_eq!(started.elapsed(), 350.ms());
        assert_eq!(receive_dead(&queue).await, ["a"]);
        assert_eq!(started.elapsed(), 350.ms() + 10.ms());
    });
}

#[test]
fn the_longest_delay_is_no_panic() {
    virtual_time(async {
        let settings = Settings { dedup_window: 1.ms() * u32::MAX, ..quick() };
        let queue = queue(settings).await;
        queue.publish_one(Message::new("a").id("a")).await.expect("it is stored");
        receive(&queue).await.nak(Duration::MAX).await.expect("confirmed");
        assert!(is_quiet(&queue, 1_000.ms()).await);
    });
}

#[test]
fn a_delivery_that_was_replaced_cannot_return_or_extend_the_next_one() {
    virtual_time(async {
        let queue = queue(quick()).await;
        publish(&queue, "a").await;
        let first = receive(&queue).await;
        let started = Instant::now();
        let second = receive(&queue).await;
        assert_eq!(started.elapsed(), 100.ms());
        sleep(50.ms()).await;
        first.in_progress().await.expect("it changes nothing");
        first.nak(Duration::ZERO).await.expect("it changes nothing");
        let third = receive(&queue).await;
        assert_eq!((started.elapsed(), third.deliveries), (200.ms(), 3));
        drop(second);
    });
}

#[test]
fn a_late_acknowledgement_removes_a_message_that_waits_or_that_another_worker_has() {
    virtual_time(async {
        let queue = queue(quick()).await;
        publish(&queue, "a").await;
        let first = receive(&queue).await;
        sleep(150.ms()).await;
        first.ack().await.expect("confirmed");
        assert!(is_quiet(&queue, 1_000.ms()).await);

        publish(&queue, "b").await;
        let first = receive(&queue).await;
        let second = receive(&queue).await;
        first.ack().await.expect("confirmed");
        assert!(is_quiet(&queue, 1_000.ms()).await);
        second.ack().await.expect("it is removed already");
        assert_eq!(queue.status().await.expect("a status"), Status::default());
    });
}

#[test]
fn an_id_is_new_again_exactly_after_its_window() {
    virtual_time(async {
        let settings = Settings { dedup_window: 500.ms(), ..quick() };
        let queue = queue(settings).await;
        let publish = async || {
            let message = Message::new("a").id("a");
            queue.publish_one(message).await.expect("a receipt").duplicate
        };
        assert!(!publish().await);
        receive(&queue).await.ack().await.expect("confirmed");
        sleep(499.ms()).await;
        assert!(publish().await, "within the window, although it is removed");
        sleep(1.ms()).await;
        assert!(!publish().await);
        assert!(publish().await);
    });
}

/// With three deliveries, the message dies 300 ms after the first one, when a worker would get it.
#[test]
fn a_message_that_no_worker_settles_dies_when_it_would_be_delivered_once_more() {
    virtual_time(async {
        let queue = queue(quick()).await;
        publish(&queue, "a").await;
        let started = Instant::now();
        for deliveries in 1..=3 {
            assert_eq!(receive(&queue).await.deliveries, deliveries);
        }
        assert!(is_quiet(&queue, 99.ms()).await);
        assert_eq!(queue.status().await.expect("a status").dead, 0);
        assert_eq!(receive_dead(&queue).await, ["a"]);
        assert_eq!(started.elapsed(), 200.ms() + 99.ms() + 10.ms());
    });
}

#[test]
fn a_partition_with_one_slot_delivers_in_order_also_after_a_delay() {
    virtual_time(async {
        let settings = Settings { max_ack_pending: 1, ..quick() };
        let queue = queue(settings).await;
        for body in ["a", "b", "c"] {
            publish(&queue, body).await;
        }
        let started = Instant::now();
        receive(&queue).await.nak(30.ms()).await.expect("confirmed");
        let mut seen = Vec::new();
        for _ in 0..3 {
            let delivery = receive(&queue).await;
            seen.push((text(&delivery).to_owned(), started.elapsed()));
            delivery.ack().await.expect("confirmed");
        }
        let expected = ["a", "b", "c"].map(|body| (body.to_owned(), 30.ms()));
        assert_eq!(seen, expected);
    });
}

#[test]
fn a_batch_has_what_is_ready_and_no_more_than_the_slots() {
    virtual_time(async {
        let settings = Settings { max_ack_pending: 2, ..quick() };
        let queue = queue(settings).await;
        for body in ["a", "b", "c"] {
            publish(&queue, body).await;
        }
        let batch = queue.receive(0, ten()).await.expect("deliveries");
        assert_eq!(batch.iter().map(text).collect::<Vec<_>>(), ["a", "b"]);
        assert!(is_quiet(&queue, 99.ms()).await);
        let tokens = batch.iter().map(|delivery| delivery.token.clone());
        let settled = queue.settle(&tokens.collect::<Vec<_>>(), Settle::Ack).await;
        assert!(settled.iter().all(Result::is_ok), "{settled:?}");
        let batch = queue.receive(0, ten()).await.expect("deliveries");
        assert_eq!(batch.iter().map(text).collect::<Vec<_>>(), ["c"]);
    });
}

/// Tokio makes a task wait that has received 128 items without waiting.
#[test]
fn a_batch_is_as_large_as_a_worker_asks() {
    virtual_time(async {
        let queue = queue(quick()).await;
        let messages = (0..600).map(|n| Message::new(n.to_string())).collect();
        assert!(queue.publish(messages).await.iter().all(Result::is_ok));
        let max = NonZeroUsize::new(500).expect("not zero");
        assert_eq!(queue.receive(0, max).await.expect("deliveries").len(), 500);
        assert_eq!(queue.receive(0, max).await.expect("deliveries").len(), 100);
    });
}

#[test]
fn workers_that_wait_are_served_in_the_order_of_their_calls() {
    virtual_time(async {
        let queue = queue(quick()).await;
        let workers = (0..3).map(|worker| {
            let queue = Arc::clone(&queue);
            tokio::spawn(async move {
                sleep(1.ms() * worker).await;
                let delivery = receive(&queue).await;
                text(&delivery).to_owned()
            })
        });
        let workers: Vec<_> = workers.collect();
        sleep(10.ms()).await;
        for body in ["a", "b", "c"] {
            publish(&queue, body).await;
        }
        for (worker, body) in workers.into_iter().zip(["a", "b", "c"]) {
            assert_eq!(worker.await.expect("no panic"), body);
        }
    });
}

#[test]
fn removing_the_queues_ends_the_wait_of_workers_and_refuses_messages() {
    virtual_time(async {
        let broker = Embedded::in_memory();
        let [letters, empty] =
            ["letters", "empty"].map(|name| broker.queue(name, quick()));
        let (letters, empty) =
            (letters.await.expect("a queue"), empty.await.expect("a queue"));
        publish(&letters, "a").await;
        publish(&letters, "b").await;
        let held = receive(&letters).await;
        drop(receive(&letters).await);
        let waiting = [&letters, &empty].map(|queue| {
            let queue = Arc::clone(queue);
            tokio::spawn(async move { queue.receive_one().await.map(drop) })
        });
        sleep(10.ms()).await;
        broker.remove().await.expect("removed");
        for waiting in waiting {
            let error = waiting.await.expect("no panic").expect_err("no delivery");
            assert_eq!(error.to_string(), "the queue or log was removed");
        }
        assert!(letters.publish_one(Message::new("c")).await.is_err());
        held.ack().await.expect("it is removed already");
        let letters = broker.queue("letters", quick()).await.expect("a new queue");
        assert_eq!(letters.status().await.expect("a status"), Status::default());
    });
}

/// Receives for 10 ms, and returns the dead letters.
async fn receive_dead(queue: &Arc<dyn Queue>) -> Vec<String> {
    assert!(is_quiet(queue, 10.ms()).await);
    let dead = queue.dead_letters().await.expect("dead letters");
    let text = |message: &Message| String::from_utf8_lossy(&message.body).into_owned();
    dead.iter().map(text).collect()
}
