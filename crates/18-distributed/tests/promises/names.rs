//! A name or a number that a broker cannot use is refused before anything is made.

use distributed::BrokerError;

use crate::{
    on_all::{locations, on_all, open},
    *,
};

#[tokio::test]
async fn an_invalid_name_is_refused() {
    on_all(async |broker| {
        let long = "x".repeat(33);
        for name in ["", "a b", "a.b", "a*", "a>", "naïve", "a\n", "a/b", "a'b", &long] {
            let Err(error) = broker.queue(name, settings()).await else {
                panic!("the queue {name:?} was opened")
            };
            assert!(matches!(error, BrokerError::Name(_)), "{error}");
            let Err(error) = broker.log(name).await else {
                panic!("the log {name:?} was opened")
            };
            assert!(matches!(error, BrokerError::Name(_)), "{error}");
        }
        for name in ["a", "Letters-2_b", "-", "_", "select", &"x".repeat(32)] {
            let queue = broker.queue(name, settings()).await.expect(name);
            publish_all(&queue, ["a"]).await;
            assert_eq!(work_off(&queue, 1).await, ["a"]);
            broker.log(name).await.expect(name);
        }
    })
    .await;
}

#[tokio::test]
async fn names_differ_in_case_and_in_every_character() {
    on_all(async |broker| {
        for name in ["ab", "AB", "a-b", "a_b", "ab-", "ab_"] {
            let queue = broker.queue(name, settings()).await.expect("a queue");
            assert_eq!(status(&queue).await, Status::default(), "{name}");
            publish_all(&queue, ["a"]).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_number_out_of_its_range_is_refused() {
    on_all(async |broker| {
        let ms = Duration::from_millis;
        for wrong in [
            Settings { partitions: 0, ..settings() },
            Settings { ack_wait: Duration::ZERO, ..settings() },
            Settings { ack_wait: Duration::from_micros(1_500), ..settings() },
            Settings { max_deliver: 0, ..settings() },
            Settings { max_ack_pending: 0, ..settings() },
            Settings { max_messages: Some(0), ..settings() },
            Settings { partitions: 1_001, ..settings() },
            Settings { ack_wait: Duration::MAX, ..settings() },
            Settings { max_ack_pending: usize::MAX, ..settings() },
            Settings { max_messages: Some(usize::MAX), ..settings() },
            Settings { dedup_window: Duration::MAX, ..settings() },
            Settings { dedup_window: ms(99), ..settings() },
            Settings { dedup_window: Duration::from_nanos(100_000_001), ..settings() },
        ] {
            let Err(error) = broker.queue("letters", wrong.clone()).await else {
                panic!("a queue with {wrong:?}")
            };
            assert!(matches!(error, BrokerError::Settings(_)), "{error}");
        }
        let smallest = Settings {
            partitions: 1,
            ack_wait: ms(1),
            max_deliver: 1,
            max_ack_pending: 1,
            max_messages: Some(1),
            dedup_window: ms(100),
        };
        queue(&broker, smallest).await;
        let year = Duration::from_secs(365 * 24 * 60 * 60);
        let largest = Settings {
            partitions: 1,
            ack_wait: year,
            max_deliver: u32::MAX,
            max_ack_pending: 1_000_000_000,
            max_messages: Some(1_000_000_000),
            dedup_window: year,
        };
        let queue = broker.queue("large", largest).await.expect("a queue");
        publish(&queue, Message::new("a").id("a")).await;
        receive(&queue).await.nak(Duration::MAX).await.expect("confirmed");
        assert_quiet(&queue).await;
        publish_all(&queue, ["b"]).await;
        receive(&queue).await.nak(Duration::from_nanos(1)).await.expect("confirmed");
        assert_eq!(receive(&queue).await.deliveries, 2);
    })
    .await;
}

#[tokio::test]
async fn a_queue_that_is_opened_twice_is_one_queue() {
    on_all(async |broker| {
        let first = queue(&broker, settings()).await;
        let second = queue(&broker, settings()).await;
        publish_all(&first, ["a"]).await;
        assert_eq!(work_off(&second, 1).await, ["a"]);
        assert_quiet(&first).await;
    })
    .await;
}

#[tokio::test]
async fn removing_a_namespace_removes_its_queues_and_logs_and_no_others() {
    for (location, other) in locations().into_iter().zip(locations()) {
        let (broker, other) = (open(&location).await, open(&other).await);
        for broker in [&broker, &other] {
            let queue = queue(broker, settings()).await;
            publish(&queue, Message::new("a").id("a")).await;
            publish_all(&queue, ["dead"]).await;
            let held = receive_many(&queue, 2).await;
            settle(&queue, &tokens(&held[1..]), Settle::Term).await;
            settle(&queue, &tokens(&held[..1]), Settle::Nak(Duration::ZERO)).await;
            let log = broker.log("history").await.expect("a log");
            assert_eq!(log.append(0, "x".into()).await.expect("it is appended"), 1);
        }
        broker.remove().await.expect("it is removed");
        broker.remove().await.expect("there is nothing left");

        drop(broker);
        let broker = open(&location).await;
        let emptied = queue(&broker, settings()).await;
        assert_eq!(status(&emptied).await, Status::default());
        assert!(!publish(&emptied, Message::new("a").id("a")).await.duplicate);
        let log = broker.log("history").await.expect("a log");
        assert_eq!(log.read(0, 10).await.expect("entries"), []);

        let untouched = queue(&other, settings()).await;
        assert_eq!(work_off(&untouched, 1).await, ["a"]);
        assert_eq!(dead_letters(&untouched).await, ["dead"]);
        for broker in [broker, other] {
            broker.remove().await.expect("it is removed");
        }
    }
}
