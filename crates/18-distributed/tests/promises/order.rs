//! Messages of one partition are delivered in the order in which they were stored.

use crate::{on_all::on_all, *};

#[tokio::test]
async fn a_partition_delivers_in_the_order_of_storing() {
    on_all(async |broker| {
        let queue = queue(&broker, settings()).await;
        publish_all(&queue, ["a", "b"]).await;
        publish_all(&queue, []).await;
        publish(&queue, Message::new("c")).await;
        publish_all(&queue, ["d", "e", "f"]).await;
        let batch = receive_many(&queue, 4).await;
        assert_eq!(texts(&batch), ["a", "b", "c", "d"]);
        assert_eq!(texts(&receive_many(&queue, 4).await), ["e", "f"]);
    })
    .await;
}

#[tokio::test]
async fn messages_with_one_key_are_in_one_partition_and_no_other_waits_for_it() {
    on_all(async |broker| {
        let partitions = Settings { partitions: 4, max_ack_pending: 1, ..settings() };
        let queue = queue(&broker, partitions).await;
        let keyed = |key: &str, body: &'static str| Message::new(body).key(key);
        let [ann, carl] = ["ann", "carl"].map(|key| keyed(key, "").partition(4));
        assert_ne!(ann, carl, "choose other keys");
        let messages = [("ann", "a1"), ("carl", "c1"), ("ann", "a2"), ("carl", "c2")];
        let messages = messages.map(|(key, body)| keyed(key, body));
        let receipts = queue.publish(messages.into()).await;
        assert!(receipts.iter().all(Result::is_ok), "{receipts:?}");

        let first = queue.receive(ann, NonZeroUsize::MIN).await.expect("a delivery");
        assert_eq!(texts(&first), ["a1"]);
        assert_eq!(first[0].message.key.as_deref(), Some("ann"));
        for expected in ["c1", "c2"] {
            let other = queue.receive(carl, NonZeroUsize::MIN).await.expect("a delivery");
            assert_eq!(texts(&other), [expected]);
            settle(&queue, &tokens(&other), Settle::Ack).await;
        }
        settle(&queue, &tokens(&first), Settle::Ack).await;
        let second = queue.receive(ann, NonZeroUsize::MIN).await.expect("a delivery");
        assert_eq!(texts(&second), ["a2"]);
    })
    .await;
}

#[tokio::test]
async fn a_message_without_a_key_is_in_partition_0() {
    on_all(async |broker| {
        let queue = queue(&broker, Settings { partitions: 3, ..settings() }).await;
        publish_all(&queue, ["a"]).await;
        assert_eq!(work_off(&queue, 1).await, ["a"]);
    })
    .await;
}

#[tokio::test]
async fn with_one_slot_no_message_overtakes_one_that_returns() {
    on_all(async |broker| {
        // A machine that stops for longer than `ack_wait` makes more deliveries, and no other order.
        let often = Settings { ack_wait: ACK_WAIT, max_deliver: 100, ..settings() };
        let one_slot = Settings { max_ack_pending: 1, ..often };
        let queue = queue(&broker, one_slot).await;
        publish_all(&queue, ["a", "b", "c"]).await;
        // Its first worker vanishes, its second returns it with a delay.
        drop(receive(&queue).await);
        receive(&queue).await.nak(ACK_WAIT).await.expect("confirmed");
        assert_eq!(work_off(&queue, 3).await, ["a", "b", "c"]);
    })
    .await;
}

#[tokio::test]
async fn there_is_no_partition_beyond_the_last() {
    on_all(async |broker| {
        let queue = queue(&broker, settings()).await;
        let received =
            tokio::spawn(
                async move { queue.receive(1, NonZeroUsize::MIN).await.map(drop) },
            );
        assert!(received.await.expect_err("a panic").is_panic());
    })
    .await;
}
