//! If at most one letter to a name is in flight, the letters to it arrive in order, redeliveries included.
//!
//! In a process, one task that owns a queue keeps the order, and a task for each key keeps it for each
//! key. Between processes the broker keeps it: the key selects a partition, and `max_ack_pending = 1`
//! lets one message of a partition be in flight. A message that waits for its second delivery counts as
//! in flight, so the next one waits too. Lost: a name whose letter cannot be delivered delays the other
//! names of its partition, until `max_deliver` ends that. Won: any process may deliver the next one.
//!
//! Kafka does the same with partitions and consumer groups, SQS with message groups.
#![cfg(not(target_family = "wasm"))]

use std::{collections::BTreeMap, num::NonZeroUsize, sync::Arc};

use async_kit::{Lane, Millis, say};
use distributed::{Broker, BrokerError, Message, Queue, Settings};
use tokio::{sync::mpsc, task::JoinSet, time::sleep};

use super::{
    namespace::with_broker,
    until::{is_empty, until},
};

const NAMES: [&str; 3] = ["Ada", "Bob", "Eva"];

/// Three letters to each of three names. The first delivery of `Ada 1` fails.
pub(crate) async fn run() -> anyhow::Result<()> {
    with_broker(async |opened| {
        say!("one partition, three letters in flight");
        report(&deliver_all(&opened.broker, "together", 1, 3).await?);
        say!("three partitions, each with one letter in flight");
        report(&deliver_all(&opened.broker, "by-name", 3, 1).await?);
        Ok(())
    })
    .await
}

fn report(arrived: &Arrived) {
    for (name, numbers) in arrived {
        say!("{name}'s letters arrived as {numbers:?}");
    }
}

/// The numbers of the letters that arrived for each name, in the order in which they arrived.
type Arrived = BTreeMap<String, Vec<String>>;

// ANCHOR: order
async fn deliver_all(
    broker: &Arc<dyn Broker>,
    queue: &str,
    partitions: usize,
    max_ack_pending: usize,
) -> anyhow::Result<Arrived> {
    let settings = Settings { partitions, max_ack_pending, ..Settings::default() };
    let letters = broker.queue(queue, settings).await?;
    for number in 1..=3 {
        for name in NAMES {
            let letter = Message::new(format!("{name} {number}")).key(name);
            letters.publish_one(letter).await?;
        }
    }
    let (arrived, mut arrivals) = mpsc::unbounded_channel();
    let mut workers = JoinSet::new();
    for n in 0..3 {
        let work = work(letters.clone(), n % partitions, arrived.clone());
        workers.spawn(work.try_lane(format!("{queue}-{n}")));
    }
    until(&*letters, is_empty).await?;
    let mut of_each = Arrived::new();
    while let Ok((name, number)) = arrivals.try_recv() {
        of_each.entry(name).or_default().push(number);
    }
    Ok(of_each)
}

async fn work(
    letters: Arc<dyn Queue>,
    partition: usize,
    arrived: mpsc::UnboundedSender<(String, String)>,
) -> Result<(), BrokerError> {
    loop {
        for letter in letters.receive(partition, NonZeroUsize::MIN).await? {
            sleep(30.ms()).step("delivering").await;
            let text = String::from_utf8_lossy(&letter.message.body).into_owned();
            if text == "Ada 1" && letter.deliveries == 1 {
                say!("{text} fails");
                letter.nak(50.ms()).await?;
                continue;
            }
            say!("{text} arrives");
            if let Some((name, number)) = text.split_once(' ') {
                let _ = arrived.send((name.to_owned(), number.to_owned()));
            }
            letter.ack().await?;
        }
    }
}
// ANCHOR_END: order

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use distributed::Embedded;

    use super::*;
    use crate::on_all::on_all;

    fn in_memory(partitions: usize, max_ack_pending: usize) -> (Transcript, Arrived) {
        virtual_time(async move {
            let broker: Arc<dyn Broker> = Embedded::in_memory();
            let delivered = async move {
                deliver_all(&broker, "letters", partitions, max_ack_pending).await
            };
            let (seen, arrived) = Transcript::with_output(delivered).await;
            (seen, arrived.expect("all letters arrive"))
        })
    }

    fn in_order(arrived: &Arrived) -> bool {
        NAMES.iter().all(|name| arrived[*name] == ["1", "2", "3"])
    }

    #[test]
    fn each_name_has_its_own_partition() {
        let partition = |name: &str| Message::new("").key(name).partition(3);
        let partitions: std::collections::BTreeSet<_> = NAMES.map(partition).into();
        assert_eq!(partitions.len(), 3);
    }

    #[test]
    fn with_one_letter_in_flight_no_letter_overtakes_one_that_failed() {
        let (seen, arrived) = in_memory(3, 1);
        assert!(in_order(&arrived), "{seen}");
    }

    /// Ada's letters need 30 + 50 + 3 × 30 ms. Those to Bob and Eva do not wait for them.
    #[test]
    fn different_names_are_delivered_in_parallel() {
        let (seen, _) = in_memory(3, 1);
        seen.assert_at(90.ms(), "letters-1 Bob 3 arrives");
        seen.assert_at(90.ms(), "letters-0 Eva 3 arrives");
        seen.assert_at(170.ms(), "letters-2 Ada 3 arrives");
    }

    #[test]
    fn with_three_letters_in_flight_a_later_one_overtakes_the_one_that_failed() {
        let (seen, arrived) = in_memory(1, 3);
        assert_eq!(arrived["Ada"], ["2", "3", "1"], "{seen}");
    }

    #[tokio::test]
    async fn on_every_broker_each_name_gets_its_letters_in_order() {
        on_all(async |broker| {
            let arrived = deliver_all(&broker, "letters", 3, 1).await.expect("letters");
            assert!(in_order(&arrived), "{arrived:?}");
        })
        .await;
    }
}
