//! What a queue holds has a limit, and what its workers hold has another.

use distributed::MAX_BODY;

use crate::{on_all::on_all, *};

#[tokio::test]
async fn max_ack_pending_limits_what_is_in_flight() {
    on_all(async |broker| {
        let queue = queue(&broker, Settings { max_ack_pending: 3, ..settings() }).await;
        publish_all(&queue, ["a", "b", "c", "d", "e"]).await;
        let mut held = receive_many(&queue, 2).await;
        held.extend(receive_many(&queue, 10).await);
        assert_eq!(texts(&held), ["a", "b", "c"]);
        assert_quiet(&queue).await;
        assert_status(&queue, Status { waiting: 2, in_flight: 3, ..Status::default() })
            .await;

        settle(&queue, &tokens(&held[1..2]), Settle::Ack).await;
        assert_eq!(texts(&receive_many(&queue, 10).await), ["d"]);
        assert_quiet(&queue).await;
    })
    .await;
}

#[tokio::test]
async fn a_message_that_waits_for_another_delivery_keeps_its_slot() {
    on_all(async |broker| {
        let queue = queue(&broker, Settings { max_ack_pending: 2, ..settings() }).await;
        publish_all(&queue, ["a", "b", "c"]).await;
        let held = receive_many(&queue, 2).await;
        settle(&queue, &tokens(&held[..1]), Settle::Nak(Duration::from_secs(60))).await;
        assert_quiet(&queue).await;
        settle(&queue, &tokens(&held[1..]), Settle::Ack).await;
        assert_eq!(work_off(&queue, 1).await, ["c"]);
        assert_quiet(&queue).await;
    })
    .await;
}

#[tokio::test]
async fn a_dead_letter_leaves_its_slot() {
    on_all(async |broker| {
        let queue = queue(&broker, Settings { max_ack_pending: 1, ..settings() }).await;
        publish_all(&queue, ["a", "b", "c"]).await;
        receive(&queue).await.term().await.expect("confirmed");
        for _ in 1..=3 {
            receive(&queue).await.nak(Duration::ZERO).await.expect("confirmed");
        }
        assert_eq!(work_off(&queue, 1).await, ["c"]);
        assert_eq!(dead_letters(&queue).await, ["a", "b"]);
    })
    .await;
}

#[tokio::test]
async fn each_partition_has_its_own_slots() {
    on_all(async |broker| {
        let slots = Settings { partitions: 2, max_ack_pending: 1, ..settings() };
        let queue = queue(&broker, slots).await;
        let key = |partition| {
            let mut names = (b'a'..=b'z').map(|name| char::from(name).to_string());
            let is_there =
                |name: &String| Message::new("").key(name).partition(2) == partition;
            names.find(is_there).expect("one of 26 keys")
        };
        for partition in 0..2 {
            publish(&queue, Message::new("x").key(key(partition))).await;
        }
        for partition in 0..2 {
            let held = queue.receive(partition, NonZeroUsize::MIN).await;
            assert_eq!(held.expect("a delivery").len(), 1);
        }
    })
    .await;
}

#[tokio::test]
async fn a_full_queue_refuses_until_a_message_is_removed() {
    on_all(async |broker| {
        let full = Settings { max_messages: Some(2), max_deliver: 1, ..settings() };
        let queue = queue(&broker, full).await;
        let is_full = async |body: &'static str| {
            let published = queue.publish_one(Message::new(body)).await;
            matches!(published, Err(PublishError::Full(2)))
        };
        publish_all(&queue, ["a", "b"]).await;
        assert!(is_full("c").await);
        let held = receive(&queue).await;
        assert!(is_full("c").await, "a message that a worker has is still in the queue");
        held.ack().await.expect("confirmed");
        publish_all(&queue, ["c"]).await;
        assert!(is_full("d").await);
        receive(&queue).await.term().await.expect("confirmed");
        publish_all(&queue, ["d"]).await;
        assert_eq!(
            work_off(&queue, 2).await,
            ["c", "d"],
            "what was refused is not stored"
        );
        assert_quiet(&queue).await;
    })
    .await;
}

#[tokio::test]
async fn the_first_messages_of_a_batch_are_stored_and_those_without_room_refused() {
    on_all(async |broker| {
        let full = Settings { max_messages: Some(2), ..settings() };
        let queue = queue(&broker, full).await;
        let letter = |id: &str| Message::new("a letter").id(id);
        let receipts = queue.publish(["1", "2", "3"].map(letter).into()).await;
        assert!(receipts[..2].iter().all(Result::is_ok), "{receipts:?}");
        assert!(matches!(receipts[2], Err(PublishError::Full(2))), "{receipts:?}");
        assert_eq!(work_off(&queue, 2).await.len(), 2);
        // An id whose message was refused is not remembered.
        assert!(!publish(&queue, letter("3")).await.duplicate);
    })
    .await;
}

#[tokio::test]
async fn of_many_publishers_to_a_full_queue_as_many_succeed_as_it_has_room() {
    on_all(async |broker| {
        let full = Settings { max_messages: Some(5), ..settings() };
        let queue = queue(&broker, full).await;
        let publishers = (0..20).map(|_| queue.publish_one(Message::new("a letter")));
        let receipts = futures::future::join_all(publishers).await;
        assert_eq!(receipts.iter().filter(|r| r.is_ok()).count(), 5, "{receipts:?}");
        assert_status(&queue, Status { waiting: 5, ..Status::default() }).await;
    })
    .await;
}

#[tokio::test]
async fn a_message_that_is_too_large_is_refused_and_its_neighbours_are_stored() {
    on_all(async |broker| {
        let queue = queue(&broker, settings()).await;
        let large = |size| Message::new(vec![b'x'; size]);
        let messages = vec![Message::new("a"), large(MAX_BODY + 1), Message::new("b")];
        let receipts = queue.publish(messages).await;
        let Err(PublishError::TooLarge { size, limit }) = receipts[1] else {
            panic!("{receipts:?}");
        };
        assert_eq!(size, MAX_BODY + 1);
        assert!(limit <= MAX_BODY, "{limit}");
        assert_eq!(work_off(&queue, 2).await, ["a", "b"]);

        // A little less: the headers of a NATS server count.
        publish(&queue, large(MAX_BODY - 1_000)).await;
        let delivery = receive(&queue).await;
        assert_eq!(delivery.message.body.len(), MAX_BODY - 1_000);
        publish(&queue, Message::new("")).await;
        assert_eq!(receive(&queue).await.message.body.len(), 0);
    })
    .await;
}

#[tokio::test]
async fn the_numbers_of_a_queue_follow_its_messages() {
    on_all(async |broker| {
        let queue = queue(&broker, settings()).await;
        assert_eq!(status(&queue).await, Status::default());
        publish_all(&queue, ["a", "b", "c"]).await;
        assert_status(&queue, Status { waiting: 3, ..Status::default() }).await;
        let first = receive(&queue).await;
        assert_status(&queue, Status { waiting: 2, in_flight: 1, ..Status::default() })
            .await;
        first.nak(Duration::ZERO).await.expect("confirmed");
        let again = receive(&queue).await;
        let redelivered = Status { waiting: 2, in_flight: 1, redelivered: 1, dead: 0 };
        assert_status(&queue, redelivered).await;
        again.term().await.expect("confirmed");
        assert_status(&queue, Status { waiting: 2, dead: 1, ..Status::default() }).await;
        work_off(&queue, 2).await;
        assert_status(&queue, Status { dead: 1, ..Status::default() }).await;
    })
    .await;
}
