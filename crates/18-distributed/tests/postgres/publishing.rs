//! Publishers in several processes agree on what is stored once, and on when the queue is full.

use distributed::{AppendError, Broker, Message, PublishError, Settings};
use futures::future::join_all;

use crate::space::on_postgres;

#[tokio::test]
async fn eight_publishers_fill_a_queue_to_its_last_message_and_no_further() {
    on_postgres(async |space| {
        let settings = Settings { max_messages: Some(50), ..Settings::default() };
        let queue = space.broker.queue("jobs", settings.clone()).await.unwrap();
        let other = space.another().await.queue("jobs", settings).await.unwrap();
        let publish = async |n: usize| {
            let queue = if n.is_multiple_of(2) { &queue } else { &other };
            let batch =
                (0..9).map(|m| Message::new("x").id(format!("{n}.{m}"))).collect();
            queue.publish(batch).await
        };
        let outcomes: Vec<_> =
            join_all((0..8).map(publish)).await.into_iter().flatten().collect();
        let full =
            |outcome: &&Result<_, _>| matches!(outcome, Err(PublishError::Full(50)));
        assert_eq!(outcomes.iter().filter(|o| o.is_ok()).count(), 50, "{outcomes:?}");
        assert_eq!(outcomes.iter().filter(full).count(), 22, "{outcomes:?}");
        assert_eq!(queue.status().await.unwrap().waiting, 50);
    })
    .await;
}

#[tokio::test]
async fn publishers_of_the_same_ids_in_other_orders_store_each_once() {
    on_postgres(async |space| {
        let queue = space.broker.queue("jobs", Settings::default()).await.unwrap();
        let publish = async |seed| {
            let mut ids: Vec<_> = (0..60).collect();
            fastrand::Rng::with_seed(seed).shuffle(&mut ids);
            let batch = ids.iter().map(|n| Message::new("x").id(format!("id-{n}")));
            queue.publish(batch.collect()).await
        };
        let outcomes: Vec<_> =
            join_all((0..8).map(publish)).await.into_iter().flatten().collect();
        let new = outcomes.iter().filter(|o| !o.as_ref().unwrap().duplicate).count();
        assert_eq!((new, queue.status().await.unwrap().waiting), (60, 60));
    })
    .await;
}

#[tokio::test]
async fn a_batch_may_repeat_an_id_and_have_an_invalid_message_in_its_middle() {
    on_postgres(async |space| {
        let queue = space.broker.queue("jobs", Settings::default()).await.unwrap();
        let batch = vec![
            Message::new("a").id("1"),
            Message::new("b"),
            Message::new(vec![0; distributed::MAX_BODY + 1]),
            Message::new("c").id("1"),
            Message::new("d").id("not printable \n"),
            Message::new(vec![0; distributed::MAX_BODY]),
        ];
        let outcomes = queue.publish(batch).await;
        let text = |o: &Result<distributed::Receipt, _>| match o {
            Ok(receipt) if receipt.duplicate => "duplicate",
            Ok(_) => "stored",
            Err(PublishError::TooLarge { limit: distributed::MAX_BODY, .. }) => {
                "too large"
            }
            Err(PublishError::Refused(_)) => "refused",
            Err(error) => panic!("{error}"),
        };
        let outcomes: Vec<_> = outcomes.iter().map(text).collect();
        let expected =
            ["stored", "stored", "too large", "duplicate", "refused", "stored"];
        assert_eq!(outcomes, expected);
    })
    .await;
}

#[tokio::test]
async fn a_retry_to_a_full_queue_learns_that_its_message_is_stored() {
    on_postgres(async |space| {
        let settings = Settings { max_messages: Some(1), ..Settings::default() };
        let queue = space.broker.queue("jobs", settings).await.unwrap();
        queue.publish_one(Message::new("a").id("1")).await.unwrap();
        let again = queue.publish_one(Message::new("a").id("1")).await.unwrap();
        assert!(again.duplicate);
        let refused = queue.publish_one(Message::new("b").id("2")).await.unwrap_err();
        assert!(matches!(refused, PublishError::Full(1)), "{refused}");
        queue.receive_one().await.unwrap().ack().await.unwrap();
        let stored = queue.publish_one(Message::new("b").id("2")).await.unwrap();
        assert!(!stored.duplicate, "an id of a refused message is not remembered");
    })
    .await;
}

#[tokio::test]
async fn what_is_published_and_forgotten_is_stored_even_if_its_queue_is_dropped() {
    on_postgres(async |space| {
        let queue = space.broker.queue("jobs", Settings::default()).await.unwrap();
        for n in 0..300 {
            queue.publish_and_forget(Message::new(n.to_string())).await.unwrap();
        }
        drop(queue);
        let queue = space.broker.queue("jobs", Settings::default()).await.unwrap();
        for n in 0..300 {
            let delivery = queue.receive_one().await.unwrap();
            assert_eq!(*delivery.message.body, *n.to_string().as_bytes());
            delivery.ack().await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn of_eight_appenders_one_continues_the_log() {
    on_postgres(async |space| {
        let log = space.broker.log("history").await.unwrap();
        for after in 0..5 {
            let append = async |n: usize| log.append(after, n.to_string().into()).await;
            let outcomes = join_all((0..8).map(append)).await;
            let won = outcomes.iter().filter(|o| matches!(o, Ok(n) if *n == after + 1));
            assert_eq!(won.count(), 1, "{outcomes:?}");
            let lost = |o: &&Result<_, _>| matches!(o, Err(AppendError::Conflict { .. }));
            assert_eq!(outcomes.iter().filter(lost).count(), 7, "{outcomes:?}");
        }
        let gap = log.append(7, "7".into()).await.unwrap_err();
        assert!(matches!(gap, AppendError::Conflict { after: 7 }), "{gap}");
        assert_eq!(log.read(0, usize::MAX).await.unwrap().len(), 5);
        assert_eq!(log.read(3, 1).await.unwrap()[0].number, 4);
    })
    .await;
}
