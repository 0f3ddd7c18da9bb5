//! A full queue refuses a letter, and its workers never hold more than `max_ack_pending` letters.
//!
//! In a process, `send` to a full channel waits until there is room, because sender and receiver share
//! one memory. A broker does not hold a request open for that: it refuses, and the producer decides. It
//! can retry, as here; it can drop what is old; it can report the overload to its own caller. Lost: the
//! wait without polling. Won: a producer never hangs on a consumer that it does not know. So `max_messages`
//! protects the broker, and `max_ack_pending` the letters that wait behind a slow worker.
//!
//! A worker asks for several letters at a time to save round trips. No other worker gets the letters that it
//! holds, and a slow one holds them for long. `asyncio.Queue` and Tokio's channels have no such bound, because
//! a task that calls `recv` gets one item. RabbitMQ names it `prefetch`.
#![cfg(not(target_family = "wasm"))]

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use async_kit::{Backoff, Lane, Millis, Retry, RetryError, say};
use distributed::{Broker, BrokerError, Message, PublishError, Queue, Settings};
use tokio::{task::JoinSet, time::sleep};

use super::{
    namespace::with_broker,
    until::{is_empty, until},
};

/// Twelve letters go through a queue of six, of which three may be in flight.
pub(crate) async fn run() -> anyhow::Result<()> {
    with_broker(async |opened| slow_and_quick(&opened.broker).await).await
}

// ANCHOR: pressure
async fn slow_and_quick(broker: &Arc<dyn Broker>) -> anyhow::Result<()> {
    let settings =
        Settings { max_messages: Some(6), max_ack_pending: 3, ..Settings::default() };
    let letters = broker.queue("letters", settings).await?;
    let mut tasks = JoinSet::new();
    let producer = tokio::spawn(produce(letters.clone()).try_lane("producer"));
    until(&*letters, |status| status.waiting == 6).await?;
    tasks.spawn(work(letters.clone(), 10, 100.ms()).try_lane("slow"));
    let status = until(&*letters, |status| status.in_flight > 0).await?;
    say!("in flight: {}, waiting: {}", status.in_flight, status.waiting);
    tasks.spawn(work(letters.clone(), 1, 20.ms()).try_lane("quick"));
    producer.await??;
    until(&*letters, is_empty).await?;
    Ok(())
}

/// Waits while the queue is full. Each letter has an id, so a retry cannot publish it twice.
async fn produce(letters: Arc<dyn Queue>) -> Result<(), RetryError<PublishError>> {
    for n in 1..=12 {
        let letter = Message::new(format!("letter-{n}")).id(format!("letter-{n}"));
        let backoff = Backoff::exponential(20.ms()).max(100.ms());
        Retry::new(backoff)
            .attempts(100)
            .when(|error| matches!(error, PublishError::Full(_)))
            .on_retry(|attempt, _, error| {
                if let (1, Some(error)) = (attempt, error.error()) {
                    say!("letter-{n}: {error}; retries until there is room");
                }
            })
            .run(|| letters.publish_one(letter.clone()))
            .await?;
    }
    say!("published all");
    Ok(())
}

/// Asks for up to `max` letters, and delivers them one after the other.
async fn work(
    letters: Arc<dyn Queue>,
    max: usize,
    takes: Duration,
) -> Result<(), BrokerError> {
    let max = NonZeroUsize::new(max).expect("it is at least one");
    loop {
        let received = letters.receive(0, max).await?;
        say!("asked for {max}, got {}", received.len());
        for letter in received {
            sleep(takes).step("delivering").await;
            letter.ack().await?;
        }
    }
}
// ANCHOR_END: pressure

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use distributed::Embedded;

    use super::*;
    use crate::on_all::on_all;

    fn count(seen: &Transcript, part: &str) -> usize {
        seen.lines().iter().filter(|line| line.to_string().contains(part)).count()
    }

    fn in_memory() -> Transcript {
        virtual_time(async {
            let broker: Arc<dyn Broker> = Embedded::in_memory();
            Transcript::of(async move { slow_and_quick(&broker).await }).await
        })
    }

    /// ```text
    /// slow   ██ 1 ██ 2 ██ 3 ██…       asks for 10, and gets the 3 that may be in flight
    /// quick  ░░░░░░█ 4 ░░░░█ 5        gets one when `slow` acknowledges one
    /// ```
    #[test]
    fn a_slow_worker_that_asks_for_many_holds_all_that_may_be_in_flight() {
        let seen = in_memory();
        assert_eq!(count(&seen, "slow asked for 10, got 3"), 1, "{seen}");
        assert_eq!(count(&seen, "in flight: 3, waiting: 3"), 1, "{seen}");
        let quick =
            seen.lines().iter().find(|line| line.lane.as_deref() == Some("quick"));
        assert_eq!(quick.expect("it gets letters").at, 110.ms(), "{seen}");
    }

    #[test]
    fn a_full_queue_refuses_the_seventh_letter_and_takes_it_after_an_acknowledgement() {
        let seen = in_memory();
        let refused = "producer letter-7: the queue is full: it holds 6 messages";
        assert_eq!(count(&seen, refused), 1, "{seen}");
        assert_eq!(count(&seen, "producer published all"), 1, "{seen}");
    }

    #[tokio::test]
    async fn on_every_broker_the_producer_waits_and_no_letter_is_lost() {
        on_all(async |broker| {
            let seen = Transcript::of(async move { slow_and_quick(&broker).await }).await;
            assert!(count(&seen, "the queue is full: it holds 6 messages") > 0, "{seen}");
            // On a slow machine it may ask again while three letters wait.
            let slow = seen.lines().iter().find(|it| it.lane.as_deref() == Some("slow"));
            let first = &slow.expect("it gets letters").text;
            assert_eq!(first, "asked for 10, got 3", "{seen}");
            assert_eq!(count(&seen, "published all"), 1, "{seen}");
        })
        .await;
    }
}
