//! The fate of single packets, at exact times.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use async_kit::{Millis, virtual_time};
use tokio::time::{Instant, sleep, timeout};

use super::{Cut, Fate, Link, Network, Packets, Random};
use crate::{
    AppendError, Broker, BrokerError, Embedded, Log, Message, PublishError, Queue,
    Settings,
};

const ARRIVES: Fate = Fate::Arrives(Duration::from_millis(5));
const TWICE: Fate = Fate::Twice(Duration::from_millis(5), Duration::from_millis(7));

/// These fates in this order, and then each packet arrives after 5 ms.
struct Script(VecDeque<Fate>);

impl Link for Script {
    fn fate(&mut self) -> Fate {
        self.0.pop_front().unwrap_or(ARRIVES)
    }
}

fn script<const N: usize>(fates: [Fate; N]) -> Script {
    Script(fates.into())
}

/// A broker, and a network in front of it.
struct World {
    broker: Arc<Embedded>,
    network: Network,
}

impl World {
    fn new() -> Self {
        let broker = Embedded::in_memory();
        Self { network: Network::new(broker.clone()), broker }
    }

    /// The queue without a network, and as the client of this link sees it.
    async fn queue(&self, link: impl Link + 'static) -> [Arc<dyn Queue>; 2] {
        let settings = Settings { ack_wait: 200.ms(), ..Settings::default() };
        let local = self.broker.queue("work", settings.clone()).await;
        let remote = self.network.client(link).queue("work", settings).await;
        [local, remote].map(|queue| queue.expect("a queue"))
    }

    async fn log(&self, link: impl Link + 'static) -> Arc<dyn Log> {
        self.network.client(link).log("history").await.expect("a log")
    }
}

async fn waiting(queue: &Arc<dyn Queue>) -> usize {
    queue.status().await.expect("a status").waiting
}

fn is_unknown<T>(result: Result<T, PublishError>) -> bool {
    matches!(result, Err(PublishError::Unknown(_)))
}

#[test]
fn a_lost_request_and_a_lost_answer_are_the_same_timeout() {
    for (fates, stored) in [([Fate::Lost, ARRIVES], 0), ([ARRIVES, Fate::Lost], 1)] {
        virtual_time(async move {
            let [local, remote] = World::new().queue(script(fates)).await;
            let began = Instant::now();
            let error = remote.publish_one(Message::new("a")).await.expect_err("lost");
            assert_eq!(began.elapsed(), 100.ms());
            assert_eq!(
                error.to_string(),
                "no acknowledgement, so the message may be stored or not: no answer \
                 within 100ms"
            );
            assert_eq!(waiting(&local).await, stored);
        });
    }
}

#[test]
fn a_message_that_is_published_again_is_stored_once_if_it_has_an_id() {
    for (message, stored) in [(Message::new("a"), 2), (Message::new("a").id("a"), 1)] {
        virtual_time(async move {
            let link = script([ARRIVES, Fate::Lost]);
            let [local, remote] = World::new().queue(link).await;
            assert!(is_unknown(remote.publish_one(message.clone()).await));
            let receipt = remote.publish_one(message).await.expect("it arrives");
            assert_eq!(receipt.duplicate, stored == 1);
            assert_eq!(waiting(&local).await, stored);
        });
    }
}

#[test]
fn a_request_that_arrives_twice_is_handled_twice() {
    for (message, stored) in [(Message::new("a"), 2), (Message::new("a").id("a"), 1)] {
        virtual_time(async move {
            let [local, remote] = World::new().queue(script([TWICE])).await;
            let began = Instant::now();
            let receipt = remote.publish_one(message).await.expect("it arrives");
            assert_eq!((receipt.duplicate, began.elapsed()), (false, 10.ms()));
            sleep(10.ms()).await;
            assert_eq!(waiting(&local).await, stored);
        });
    }
}

#[test]
fn a_delivery_that_is_lost_was_counted() {
    virtual_time(async {
        let [local, remote] = World::new().queue(script([ARRIVES, Fate::Lost])).await;
        local.publish_one(Message::new("a")).await.expect("it is stored");
        let error = remote.receive_one().await.expect_err("no answer");
        assert!(matches!(error, BrokerError::Connection(_)), "{error:?}");
        assert_eq!(remote.receive_one().await.expect("again").deliveries, 2);
    });
}

#[test]
fn a_delivery_whose_acknowledgement_is_lost_returns() {
    virtual_time(async {
        // A receive and its answer, and then the acknowledgement.
        let link = script([ARRIVES, ARRIVES, Fate::Lost]);
        let [local, remote] = World::new().queue(link).await;
        local.publish_one(Message::new("a")).await.expect("it is stored");
        let delivery = remote.receive_one().await.expect("a delivery");
        delivery.ack().await.expect_err("no answer");
        let again = remote.receive_one().await.expect("it returns");
        assert_eq!(again.deliveries, 2);
        again.ack().await.expect("it arrives");
        assert_eq!(local.status().await.expect("a status").in_flight, 0);
    });
}

#[test]
fn a_receive_waits_for_longer_than_a_timeout_if_the_broker_answers() {
    virtual_time(async {
        let [local, remote] = World::new().queue(script([])).await;
        let receives = tokio::spawn(async move { remote.receive_one().await });
        sleep(1_200.ms()).await;
        local.publish_one(Message::new("a")).await.expect("it is stored");
        assert!(receives.await.expect("no panic").is_ok());
    });
}

#[test]
fn a_receive_without_an_answer_ends() {
    virtual_time(async {
        let link = Random::new(1, 5.ms()..=5.ms()).losing(1.0);
        let [_, remote] = World::new().queue(link).await;
        let began = Instant::now();
        remote.receive_one().await.expect_err("no answer");
        assert_eq!(began.elapsed(), 600.ms());
    });
}

#[test]
fn what_was_sent_arrives_although_its_sender_is_dropped() {
    virtual_time(async {
        let [local, remote] = World::new().queue(script([])).await;
        let call = remote.publish_one(Message::new("a"));
        assert!(timeout(1.ms(), call).await.is_err());
        assert_eq!(waiting(&local).await, 0);
        sleep(10.ms()).await;
        assert_eq!(waiting(&local).await, 1);
    });
}

#[test]
fn a_cut_link_loses_both_directions_for_its_time() {
    virtual_time(async {
        let world = World::new();
        let start = Instant::now();
        let cut = Cut::new(script([]), start + 8.ms()..start + 150.ms());
        let [local, remote] = world.queue(cut).await;
        // The request is sent at 0 ms, and its answer at 5 ms.
        remote.publish_one(Message::new("before")).await.expect("it arrives");
        assert!(is_unknown(remote.publish_one(Message::new("within")).await));
        assert_eq!(waiting(&local).await, 1);
        sleep(40.ms()).await;
        remote.publish_one(Message::new("after")).await.expect("it arrives");
    });
}

#[test]
fn at_one_moment_packets_arrive_in_the_order_of_their_clients() {
    virtual_time(async {
        let world = World::new();
        let [local, first] = world.queue(script([])).await;
        let [_, second] = world.queue(script([])).await;
        // The second client sends first.
        for (queue, body) in [(second, "second"), (first, "first")] {
            queue.publish_and_forget(Message::new(body)).await.expect("it is sent");
        }
        let next = local.receive_one().await.expect("a delivery");
        assert_eq!(next.message.body, "first");
    });
}

#[test]
fn an_append_is_not_repeated() {
    virtual_time(async {
        let log = World::new().log(script([TWICE, Fate::Lost])).await;
        let error = log.append(0, "a".into()).await.expect_err("no answer");
        assert!(matches!(error, AppendError::Broker(_)), "{error:?}");
        let again = log.append(0, "a".into()).await.expect_err("it is stored");
        assert!(matches!(again, AppendError::Conflict { after: 0 }), "{again:?}");
        assert_eq!(log.read(0, 10).await.expect("entries").len(), 1);
        log.append(1, "b".into()).await.expect("the next one");
    });
}

#[test]
fn packets_are_counted() {
    virtual_time(async {
        let world = World::new();
        let [_, remote] = world.queue(script([Fate::Lost, TWICE])).await;
        assert!(is_unknown(remote.publish_one(Message::new("a")).await));
        remote.publish_one(Message::new("a")).await.expect("it arrives");
        sleep(10.ms()).await;
        // Two requests, and an answer to each copy of the second.
        let packets = world.network.packets();
        assert_eq!(packets, Packets { sent: 4, lost: 1, twice: 1 });
    });
}

#[test]
fn a_seed_decides_about_each_packet() {
    let fates = |seed| {
        let link = Random::new(seed, 1.ms()..=9.ms()).losing(0.3).repeating(0.3);
        let mut link = link;
        (0..1_000).map(|_| link.fate()).collect::<Vec<_>>()
    };
    assert_eq!(fates(1), fates(1));
    assert_ne!(fates(1), fates(2));
    let lost = fates(1).into_iter().filter(|fate| *fate == Fate::Lost).count();
    assert!((250..350).contains(&lost), "{lost} of 1,000 are lost");
}
