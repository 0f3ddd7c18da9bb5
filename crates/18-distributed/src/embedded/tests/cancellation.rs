//! A call can be dropped at every await, and no message is lost or stored without being delivered.

use async_kit::cancel_at_every_await;
use futures::FutureExt;

use super::*;

#[test]
fn a_cancelled_receive_loses_no_message() {
    let cuts = cancel_at_every_await(
        async || {
            let queue = queue(quick()).await;
            let later = Arc::clone(&queue);
            tokio::spawn(async move {
                sleep(10.ms()).await;
                publish(&later, "a").await;
            });
            queue
        },
        async |queue| queue.receive_one().await.map(drop),
        async |queue, cut| {
            let delivery = timeout(1.ms(), receive(queue)).await;
            let delivery = delivery.unwrap_or_else(|_| panic!("lost, {cut}"));
            assert!(delivery.deliveries <= 2, "{cut}");
            delivery.ack().await.expect("confirmed");
            assert!(is_quiet(queue, 1_000.ms()).await, "delivered twice, {cut}");
        },
    );
    assert_eq!(cuts, 5, "it waits for the message, and for the delivery");
}

/// The call is dropped between its command and the answer.
#[test]
fn a_receive_that_is_dropped_before_the_broker_sees_it_is_no_delivery() {
    virtual_time(async {
        let queue = queue(quick()).await;
        publish(&queue, "a").await;
        assert!(queue.receive_one().now_or_never().is_none(), "it waits for the broker");
        let started = Instant::now();
        assert_eq!(receive(&queue).await.deliveries, 1);
        assert_eq!(started.elapsed(), Duration::ZERO);
    });
}

#[test]
fn a_message_of_a_cancelled_publish_is_stored_and_delivered_or_neither() {
    let cuts = cancel_at_every_await(
        async || queue(Settings { max_messages: Some(1), ..quick() }).await,
        async |queue| queue.publish_one(Message::new("a").id("a")).await,
        async |queue, cut| {
            let again = queue.publish_one(Message::new("a").id("a")).await;
            again.unwrap_or_else(|error| panic!("the retry: {error}, {cut}"));
            assert_eq!(queue.status().await.expect("a status").waiting, 1, "{cut}");
            receive(queue).await.ack().await.expect("confirmed");
            assert!(is_quiet(queue, 1_000.ms()).await, "delivered twice, {cut}");
        },
    );
    assert_eq!(cuts, 3);
}

#[test]
fn a_cancelled_acknowledgement_removes_the_message_or_lets_it_return() {
    let cuts = cancel_at_every_await(
        async || {
            let queue = queue(quick()).await;
            publish(&queue, "a").await;
            let delivery = receive(&queue).await;
            (queue, delivery.token)
        },
        async |(queue, token)| {
            queue.settle(std::slice::from_ref(token), crate::Settle::Ack).await
        },
        async |(queue, token), cut| {
            queue.settle(std::slice::from_ref(token), crate::Settle::Ack).await;
            let status = queue.status().await.expect("a status");
            assert_eq!(status, crate::Status::default(), "{cut}");
            assert!(is_quiet(queue, 1_000.ms()).await, "{cut}");
        },
    );
    assert_eq!(cuts, 3);
}
