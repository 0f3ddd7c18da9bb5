//! A delivery that is not acknowledged returns, a limited number of times.

use crate::{on_all::on_all, *};

/// `ack_wait` ends during the test.
fn quick() -> Settings {
    Settings { ack_wait: ACK_WAIT, ..settings() }
}

#[tokio::test]
async fn a_message_of_a_worker_that_vanishes_returns_after_ack_wait_and_not_before() {
    on_all(async |broker| {
        let queue = queue(&broker, quick()).await;
        publish_all(&queue, ["a"]).await;
        // Before the delivery: the broker counts from a moment after this one.
        let started = Instant::now();
        let first = receive(&queue).await;
        assert_eq!(first.deliveries, 1);
        drop(first);
        let second = receive(&queue).await;
        assert_eq!((text(&second.message).as_str(), second.deliveries), ("a", 2));
        assert!(started.elapsed() >= ACK_WAIT, "after {:?}", started.elapsed());
    })
    .await;
}

#[tokio::test]
async fn a_receive_that_was_dropped_changes_no_count() {
    on_all(async |broker| {
        let queue = queue(&broker, quick()).await;
        publish_all(&queue, ["a", "b"]).await;
        receive(&queue).await.ack().await.expect("confirmed");
        assert_eq!(receive(&queue).await.deliveries, 1);
        // It ends before the message returns.
        timeout(ACK_WAIT / 3, receive(&queue)).await.expect_err("nothing is ready");
        tokio::time::sleep(2 * ACK_WAIT).await;
        let again = receive(&queue).await;
        assert_eq!((text(&again.message).as_str(), again.deliveries), ("b", 2));
        again.ack().await.expect("confirmed");
        assert_quiet(&queue).await;
    })
    .await;
}

/// As each new worker process does.
#[tokio::test]
async fn opening_a_queue_again_forgets_no_message_that_is_in_flight() {
    for acknowledged in ["a", "b", "c"] {
        on_all(async |broker| {
            let queue = queue(&broker, quick()).await;
            publish_all(&queue, ["a", "b", "c"]).await;
            for expected in ["a", "b", "c"] {
                let delivery = receive(&queue).await;
                assert_eq!(text(&delivery.message), expected);
                // The others are dropped, as if their workers had died.
                if expected == acknowledged {
                    delivery.ack().await.expect("confirmed");
                }
            }
            crate::queue(&broker, quick()).await;
            let again = crate::queue(&broker, quick()).await;
            let rest = ["a", "b", "c"].into_iter().filter(|name| *name != acknowledged);
            assert_eq!(work_off(&again, 2).await, Vec::from_iter(rest));
        })
        .await;
    }
}

#[tokio::test]
async fn opening_a_queue_again_removes_no_message_that_others_have_overtaken() {
    on_all(async |broker| {
        let queue = queue(&broker, quick()).await;
        publish_all(&queue, ["a", "b", "c"]).await;
        let batch = receive_many(&queue, 3).await;
        settle(&queue, &tokens(&batch)[1..], Settle::Ack).await;
        for _ in 0..2 {
            crate::queue(&broker, quick()).await;
        }
        let again = timeout(Duration::from_secs(10), receive(&queue)).await;
        let again = again.expect("it is still in the queue");
        assert_eq!((text(&again.message).as_str(), again.deliveries), ("a", 2));
    })
    .await;
}

#[tokio::test]
async fn each_sign_of_progress_begins_ack_wait_again() {
    on_all(async |broker| {
        let ack_wait = Duration::from_secs(1);
        let queue = queue(&broker, Settings { ack_wait, ..settings() }).await;
        for attempt in 0.. {
            publish_all(&queue, ["a"]).await;
            let delivery = receive(&queue).await;
            let early = timeout(2 * ack_wait, receive(&queue));
            let (slowest, early) = tokio::join!(signs(&delivery, 2 * ack_wait), early);
            // If the machine stops this program for too long, a sign comes too late, and the broker is
            // right to deliver the message again. Such a run proves nothing.
            if slowest < ack_wait / 2 {
                assert!(early.is_err(), "it was delivered: {early:?}");
                // The signs have ended, as if the worker had died.
                assert_eq!(receive(&queue).await.deliveries, 2);
                return;
            }
            assert!(attempt < 10, "this machine is too busy for this test");
            delivery.ack().await.expect("confirmed");
        }
    })
    .await;
}

/// Reports progress every 100 ms for this time, and returns the longest time from one sign to the next.
async fn signs(delivery: &Delivery, time: Duration) -> Duration {
    let (started, mut slowest) = (Instant::now(), Duration::ZERO);
    while started.elapsed() < time {
        let before = Instant::now();
        tokio::time::sleep(Duration::from_millis(100)).await;
        delivery.in_progress().await.expect("confirmed");
        slowest = slowest.max(before.elapsed());
    }
    slowest
}

#[tokio::test]
async fn a_message_that_a_worker_returns_is_delivered_after_the_delay() {
    on_all(async |broker| {
        let queue = queue(&broker, settings()).await;
        publish_all(&queue, ["a"]).await;
        let started = Instant::now();
        receive(&queue).await.nak(ACK_WAIT).await.expect("confirmed");
        let second = receive(&queue).await;
        assert_eq!(second.deliveries, 2);
        assert!(started.elapsed() >= ACK_WAIT, "after {:?}", started.elapsed());
        second.nak(Duration::ZERO).await.expect("confirmed");
        let third = timeout(Duration::from_secs(10), receive(&queue)).await;
        assert_eq!(third.expect("without a wait of 60 s").deliveries, 3);
    })
    .await;
}

#[tokio::test]
async fn a_late_acknowledgement_removes_the_message_although_another_worker_has_it() {
    on_all(async |broker| {
        let queue = queue(&broker, quick()).await;
        publish_all(&queue, ["a"]).await;
        let first = receive(&queue).await;
        let second = receive(&queue).await;
        first.ack().await.expect("confirmed");
        // Longer than `ack_wait`, after which it would return.
        tokio::time::sleep(2 * ACK_WAIT).await;
        assert_quiet(&queue).await;
        second.ack().await.expect("it is removed already");
        assert_status(&queue, Status::default()).await;
    })
    .await;
}

#[tokio::test]
async fn a_late_acknowledgement_removes_the_message_while_it_waits() {
    on_all(async |broker| {
        let queue = queue(&broker, quick()).await;
        publish_all(&queue, ["a"]).await;
        let first = receive(&queue).await;
        tokio::time::sleep(2 * ACK_WAIT).await;
        first.ack().await.expect("confirmed");
        assert_quiet(&queue).await;
        assert_status(&queue, Status::default()).await;
    })
    .await;
}

#[tokio::test]
async fn settling_what_is_removed_changes_nothing_and_is_no_error() {
    on_all(async |broker| {
        let queue = queue(&broker, settings()).await;
        publish_all(&queue, ["a", "b"]).await;
        let batch = receive_many(&queue, 2).await;
        let tokens = tokens(&batch);
        for _ in 0..2 {
            settle(&queue, &tokens, Settle::Ack).await;
        }
        for how in [Settle::Nak(Duration::ZERO), Settle::InProgress, Settle::Term] {
            settle(&queue, &tokens, how).await;
        }
        assert_quiet(&queue).await;
        assert_status(&queue, Status::default()).await;
    })
    .await;
}

#[tokio::test]
async fn a_batch_settles_only_the_deliveries_that_it_names() {
    on_all(async |broker| {
        let queue = queue(&broker, settings()).await;
        publish_all(&queue, ["a", "b", "c"]).await;
        let batch = receive_many(&queue, 3).await;
        let tokens = tokens(&batch);
        settle(&queue, &[tokens[0].clone(), tokens[2].clone()], Settle::Ack).await;
        settle(&queue, &tokens[1..2], Settle::Nak(Duration::ZERO)).await;
        assert_eq!(work_off(&queue, 1).await, ["b"]);
        assert_quiet(&queue).await;
        settle(&queue, &[], Settle::Ack).await;
    })
    .await;
}

#[tokio::test]
async fn a_message_that_no_worker_could_do_becomes_a_dead_letter() {
    on_all(async |broker| {
        let queue = queue(&broker, settings()).await;
        publish_all(&queue, ["poison", "fine"]).await;
        for deliveries in 1..=3 {
            let delivery = receive(&queue).await;
            assert_eq!(text(&delivery.message), "poison");
            assert_eq!(delivery.deliveries, deliveries);
            delivery.nak(Duration::ZERO).await.expect("confirmed");
        }
        assert_eq!(work_off(&queue, 1).await, ["fine"]);
        assert_quiet(&queue).await;
        assert_eq!(dead_letters(&queue).await, ["poison"]);
        assert_eq!(dead_letters(&queue).await, ["poison"], "it remains");
        assert_status(&queue, Status { dead: 1, ..Status::default() }).await;
    })
    .await;
}

#[tokio::test]
async fn a_message_whose_workers_all_vanish_becomes_a_dead_letter() {
    on_all(async |broker| {
        let queue = queue(&broker, Settings { max_deliver: 2, ..quick() }).await;
        publish_all(&queue, ["poison"]).await;
        for deliveries in 1..=2 {
            assert_eq!(receive(&queue).await.deliveries, deliveries);
        }
        let started = Instant::now();
        while dead_letters(&queue).await.is_empty() {
            assert!(started.elapsed() < 60 * ACK_WAIT, "no dead letter");
            // A worker that waits for a message buries the one that has no delivery left.
            assert_quiet(&queue).await;
        }
        assert_eq!(dead_letters(&queue).await, ["poison"]);
    })
    .await;
}

#[tokio::test]
async fn a_message_that_may_be_delivered_once_is_never_delivered_twice() {
    on_all(async |broker| {
        let queue = queue(&broker, Settings { max_deliver: 1, ..settings() }).await;
        publish_all(&queue, ["a"]).await;
        receive(&queue).await.nak(Duration::ZERO).await.expect("confirmed");
        assert_quiet(&queue).await;
        assert_eq!(dead_letters(&queue).await, ["a"]);
    })
    .await;
}

#[tokio::test]
async fn a_message_that_a_worker_terminates_is_a_dead_letter_immediately() {
    on_all(async |broker| {
        let queue = queue(&broker, settings()).await;
        let first = Message::new("b").id("id").key("key");
        publish(&queue, first.clone()).await;
        publish_all(&queue, ["a"]).await;
        for _ in 0..2 {
            receive(&queue).await.term().await.expect("confirmed");
        }
        let dead = queue.dead_letters().await.expect("dead letters");
        assert_eq!(dead, [first, Message::new("a")], "in the order of their deaths");
        assert_quiet(&queue).await;
    })
    .await;
}
