//! A message with an id is stored once within the window, however often it is published.

use futures::future::join_all;

use crate::{on_all::on_all, *};

fn letter(id: &str) -> Message {
    Message::new("a letter").id(id)
}

#[tokio::test]
async fn an_id_is_stored_once() {
    on_all(async |broker| {
        let queue = queue(&broker, settings()).await;
        assert!(!publish(&queue, letter("1")).await.duplicate);
        assert!(publish(&queue, letter("1")).await.duplicate);
        assert!(!publish(&queue, letter("2")).await.duplicate);
        assert_eq!(work_off(&queue, 2).await.len(), 2);
        assert_quiet(&queue).await;
    })
    .await;
}

#[tokio::test]
async fn an_id_is_remembered_after_its_message_is_removed() {
    on_all(async |broker| {
        let queue = queue(&broker, settings()).await;
        publish(&queue, letter("1")).await;
        receive(&queue).await.ack().await.expect("confirmed");
        assert!(publish(&queue, letter("1")).await.duplicate);
        assert_quiet(&queue).await;
    })
    .await;
}

#[tokio::test]
async fn two_messages_of_one_call_with_the_same_id_are_stored_once() {
    on_all(async |broker| {
        let queue = queue(&broker, settings()).await;
        let messages = ["1", "2", "1"].map(letter);
        let receipts = queue.publish(messages.into()).await;
        let duplicates = receipts.into_iter().map(|r| r.expect("a receipt").duplicate);
        assert_eq!(duplicates.collect::<Vec<_>>(), [false, false, true]);
        assert_eq!(receive_many(&queue, 10).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn of_many_publishers_with_the_same_id_one_stores_its_message() {
    on_all(async |broker| {
        let queue = queue(&broker, settings()).await;
        let publishers = (0..8).map(|_| publish(&queue, letter("1")));
        let receipts = join_all(publishers).await;
        let stored = receipts.iter().filter(|receipt| !receipt.duplicate).count();
        assert_eq!(stored, 1, "{receipts:?}");
        assert_eq!(work_off(&queue, 1).await, ["a letter"]);
        assert_quiet(&queue).await;
    })
    .await;
}

#[tokio::test]
async fn a_message_without_an_id_is_never_a_duplicate() {
    on_all(async |broker| {
        let queue = queue(&broker, settings()).await;
        for _ in 0..2 {
            assert!(!publish(&queue, Message::new("a letter")).await.duplicate);
        }
        assert_eq!(work_off(&queue, 2).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn an_id_is_new_again_after_its_window_and_not_before() {
    on_all(async |broker| {
        let window = Duration::from_millis(500);
        let queue = queue(&broker, Settings { dedup_window: window, ..settings() }).await;
        let started = Instant::now();
        publish(&queue, letter("1")).await;
        while publish(&queue, letter("1")).await.duplicate {
            assert!(started.elapsed() < 20 * window, "it is remembered much too long");
            tokio::time::sleep(window / 20).await;
        }
        assert!(started.elapsed() >= window, "{:?}", started.elapsed());
        assert_eq!(work_off(&queue, 2).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn each_queue_has_its_own_ids() {
    on_all(async |broker| {
        let queue = queue(&broker, settings()).await;
        let other = broker.queue("parcels", settings()).await.expect("a queue");
        assert!(!publish(&queue, letter("1")).await.duplicate);
        assert!(!publish(&other, letter("1")).await.duplicate);
        assert_eq!(work_off(&other, 1).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_id_or_key_that_a_broker_cannot_store_is_refused() {
    on_all(async |broker| {
        let queue = queue(&broker, settings()).await;
        let long = "x".repeat(201);
        for name in ["", "a b", "line\nbreak", "naïve", &long] {
            for message in [letter(name), Message::new("a letter").key(name)] {
                let refused = queue.publish_one(message.clone()).await;
                assert!(matches!(refused, Err(PublishError::Refused(_))), "{refused:?}");
                let refused = queue.publish_and_forget(message).await;
                assert!(matches!(refused, Err(PublishError::Refused(_))), "{refused:?}");
            }
        }
        let longest = "x".repeat(200);
        let odd = "https://host/~a%20b?c=d&e=*.>$\\'\"{}";
        for name in [&longest, odd] {
            let message = letter(name).key(name);
            publish(&queue, message.clone()).await;
            let delivery = receive(&queue).await;
            assert_eq!(delivery.message, message);
            delivery.ack().await.expect("confirmed");
        }
        assert_quiet(&queue).await;
    })
    .await;
}
