//! What is acknowledged is there when the broker is opened again.

use crate::{
    on_all::{on_all_stored, open},
    *,
};

#[tokio::test]
async fn messages_dead_letters_and_ids_survive() {
    on_all_stored(async |location| {
        let broker = open(location).await;
        let before = queue(&broker, settings()).await;
        let messages = ["a", "b", "c"].map(|id| Message::new(id).id(id).key("k"));
        for message in messages.clone() {
            publish(&before, message).await;
        }
        receive(&before).await.term().await.expect("confirmed");
        receive(&before).await.ack().await.expect("confirmed");
        drop((before, broker));

        let broker = open(location).await;
        let after = queue(&broker, settings()).await;
        assert_eq!(after.dead_letters().await.expect("dead letters"), messages[..1]);
        for message in messages.clone() {
            assert!(publish(&after, message).await.duplicate, "removed or not");
        }
        let delivery = receive(&after).await;
        assert_eq!((&delivery.message, delivery.deliveries), (&messages[2], 1));
        assert_quiet(&after).await;
    })
    .await;
}

#[tokio::test]
async fn a_delivery_counts_although_its_process_has_ended() {
    on_all_stored(async |location| {
        let two = Settings { ack_wait: ACK_WAIT, max_deliver: 2, ..settings() };
        for deliveries in 1..=2 {
            let broker = open(location).await;
            let queue = queue(&broker, two.clone()).await;
            if deliveries == 1 {
                publish_all(&queue, ["poison"]).await;
            }
            assert_eq!(receive(&queue).await.deliveries, deliveries);
        }
        let broker = open(location).await;
        let queue = queue(&broker, two).await;
        while dead_letters(&queue).await.is_empty() {
            assert_quiet(&queue).await;
        }
        assert_eq!(dead_letters(&queue).await, ["poison"]);
    })
    .await;
}

#[tokio::test]
async fn the_order_survives_and_new_messages_come_last() {
    on_all_stored(async |location| {
        let broker = open(location).await;
        let before = queue(&broker, settings()).await;
        publish_all(&before, ["a", "b", "c"]).await;
        receive(&before).await.ack().await.expect("confirmed");
        drop((before, broker));

        let broker = open(location).await;
        let after = queue(&broker, settings()).await;
        publish_all(&after, ["d"]).await;
        assert_eq!(work_off(&after, 3).await, ["b", "c", "d"]);
    })
    .await;
}

#[tokio::test]
async fn the_limit_of_a_queue_holds_for_what_was_there_before() {
    on_all_stored(async |location| {
        let full = Settings { max_messages: Some(2), ..settings() };
        let broker = open(location).await;
        publish_all(&queue(&broker, full.clone()).await, ["a", "b"]).await;
        drop(broker);

        let broker = open(location).await;
        let queue = queue(&broker, full).await;
        let refused = queue.publish_one(Message::new("c")).await;
        assert!(matches!(refused, Err(PublishError::Full(2))), "{refused:?}");
        assert_eq!(work_off(&queue, 2).await, ["a", "b"]);
    })
    .await;
}
