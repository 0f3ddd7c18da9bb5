//! The letter of a dead worker returns after `ack_wait`, because nothing else reports its death.
//!
//! The same six letters as in the section `redelivery` of the chapter *Queues*. There, the worker is a
//! task, and its letter a receipt: whatever ends the task drops the receipt, so the letter returns
//! immediately. Between processes nothing is dropped: a process that was killed, a machine without power
//! and a worker that is only slow look alike. So the broker waits for `ack_wait`, and a worker with a
//! long letter reports in time that it is still busy. Lost: the immediate return. Won: the worker may be
//! on any machine.
//!
//! asyncio has no such queue. Its programs use the same brokers: `nats-py` has the same `ack_wait`, Celery
//! on Redis a `visibility_timeout`.
#![cfg(not(target_family = "wasm"))]

use std::{sync::Arc, time::Duration};

use async_kit::{Lane, Millis, ask, knob, say};
use distributed::{Broker, BrokerError, Delivery, Message, Queue, Settings};
use tokio::{select, task::JoinSet, time::sleep};

use super::{
    namespace::with_broker,
    until::{is_empty, until},
};

/// How long a worker may send no report. A worker does not ask the broker for it, so it is a constant.
const ACK_WAIT: Duration = Duration::from_millis(250);

pub(crate) fn knobs() -> (usize, u32) {
    let workers = knob("workers", 3, 2..=5_usize);
    let deliveries = knob("deliveries", 3, 1..=5_usize);
    ask("workers=5", "does Ada get her letter earlier?");
    (workers, deliveries as u32)
}

/// Six letters: `worker-0` is cancelled while it delivers its first, no worker can read `????`, and
/// Eva's letter takes longer than `ack_wait`.
pub(crate) async fn run((workers, deliveries): (usize, u32)) -> anyhow::Result<()> {
    with_broker(async |opened| deliver_all(&opened.broker, workers, deliveries).await)
        .await
}

// ANCHOR: redelivery
async fn deliver_all(
    broker: &Arc<dyn Broker>,
    workers: usize,
    deliveries: u32,
) -> anyhow::Result<()> {
    let settings =
        Settings { ack_wait: ACK_WAIT, max_deliver: deliveries, ..Settings::default() };
    let letters = broker.queue("letters", settings).await?;
    for name in ["Ada", "Bob", "????", "Cem", "Dai", "Eva"] {
        letters.publish_one(Message::new(name)).await?;
    }
    let mut tasks = JoinSet::new();
    let mut worker =
        |n| tasks.spawn(work(letters.clone()).try_lane(format!("worker-{n}")));
    let workers: Vec<_> = (0..workers).map(&mut worker).collect();
    sleep(50.ms()).await;
    workers[0].abort();
    until(&*letters, is_empty).await?;
    let dead = letters.dead_letters().await?;
    say!("dead letters: {:?}", Vec::from_iter(dead.iter().map(name_of)));
    Ok(())
}

async fn work(letters: Arc<dyn Queue>) -> Result<(), BrokerError> {
    loop {
        let letter = letters.receive_one().await?;
        let (name, attempt) = (name_of(&letter.message), letter.deliveries);
        say!("takes {name}'s letter");
        // If this iteration ends before `ack`, nothing notifies the broker: it waits for `ack_wait`.
        match in_progress(&letter, deliver(&name)).step("delivering").await {
            Ok(()) => {
                letter.ack().await?;
                say!("delivered {name}'s letter, attempt {attempt}");
            }
            Err(error) => {
                say!("{error}, attempt {attempt}");
                letter.nak(Duration::ZERO).await?;
            }
        }
    }
}

/// Reports three times per `ack_wait` that the work is still running: two of three reports may be lost.
async fn in_progress<T>(letter: &Delivery, work: impl Future<Output = T>) -> T {
    let reports = async {
        loop {
            sleep(ACK_WAIT / 3).await;
            // The next report is another attempt.
            let _ = letter.in_progress().await;
        }
    };
    select! {
        biased;
        done = work => done,
        () = reports => unreachable!("it never ends"),
    }
}
// ANCHOR_END: redelivery

async fn deliver(name: &str) -> anyhow::Result<()> {
    sleep(if name == "Eva" { 2 * ACK_WAIT } else { 100.ms() }).await;
    anyhow::ensure!(name != "????", "cannot read {name}");
    Ok(())
}

fn name_of(letter: &Message) -> String {
    String::from_utf8_lossy(&letter.body).into_owned()
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use distributed::Embedded;

    use super::*;
    use crate::on_all::on_all;

    fn seen(workers: usize, deliveries: u32) -> Transcript {
        virtual_time(async move {
            let broker: Arc<dyn Broker> = Embedded::in_memory();
            Transcript::of(async move { deliver_all(&broker, workers, deliveries).await })
                .await
        })
    }

    fn count(seen: &Transcript, part: &str) -> usize {
        seen.lines().iter().filter(|line| line.text.contains(part)).count()
    }

    /// ```text
    ///           0     50    100    200    250    350
    /// worker-0  Ada███⊘
    /// worker-1  Bob█████████✓????✗????✗…
    /// ```
    #[test]
    fn the_letter_of_a_cancelled_worker_returns_after_ack_wait_and_not_before() {
        let seen = seen(2, 3);
        let adas: Vec<_> =
            seen.lines().iter().filter(|line| line.text.contains("takes Ada")).collect();
        assert_eq!(adas.len(), 2, "{seen}");
        assert!(adas[1].at >= ACK_WAIT, "{seen}");
        assert!(adas[1].at < 2 * ACK_WAIT, "{seen}");
    }

    #[test]
    fn a_letter_that_takes_longer_than_ack_wait_is_delivered_once() {
        for workers in [2, 3, 5] {
            let seen = seen(workers, 3);
            assert_eq!(count(&seen, "takes Eva"), 1, "{seen}");
        }
    }

    #[test]
    fn an_unreadable_letter_becomes_a_dead_letter_and_the_others_arrive() {
        for (workers, deliveries) in [(2, 2), (2, 3), (5, 5)] {
            let seen = seen(workers, deliveries);
            assert_eq!(count(&seen, "cannot read"), deliveries as usize, "{seen}");
            assert_eq!(count(&seen, "delivered"), 5, "{seen}");
            assert_eq!(count(&seen, "dead letters: [\"????\"]"), 1, "{seen}");
        }
    }

    #[test]
    fn a_letter_with_one_allowed_delivery_is_dead_when_its_worker_dies() {
        let seen = seen(2, 1);
        let ends = seen.lines().last().expect("a line").text.clone();
        assert!(ends.contains("????") && ends.contains("Ada"), "{seen}");
    }

    /// Times are real here, so the letters may be delivered more often on a slow machine.
    #[tokio::test]
    async fn on_every_broker_five_letters_arrive_and_one_is_dead() {
        on_all(async |broker| {
            let seen =
                Transcript::of(async move { deliver_all(&broker, 3, 5).await }).await;
            for name in ["Ada", "Bob", "Cem", "Dai", "Eva"] {
                assert!(count(&seen, &format!("delivered {name}")) >= 1, "{seen}");
            }
            assert_eq!(count(&seen, "dead letters: [\"????\"]"), 1, "{seen}");
        })
        .await;
    }
}
