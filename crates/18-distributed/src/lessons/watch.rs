//! A run of several processes is drawn as one, and its times are as exact as the picture states.
//!
//! In a process, the stage sees every task, and one clock orders all events. Between processes nothing
//! sees everything: each worker records itself and sends its record through the queue, and each has its own
//! clock. A worker that is killed cannot send its last events, so its lanes end where it was
//! last known. Lost: an exact order of events in different processes. Won: a picture of machines that
//! share nothing but a queue.
//!
//! The clocks are compared by round trips, as NTP does it. If the parent publishes a letter and a worker
//! takes it, the picture may show the second before the first, but by no more than the footer states.
//!
//! The numbers of the queue need no worker: the broker has them. asyncio: `logging`; here `tracing`, whose
//! fields a log database can search.
#![cfg(not(target_family = "wasm"))]

mod numbers;
mod process;

use std::{convert::Infallible, num::NonZeroUsize};

use anyhow::Context;
use async_kit::{Lane, say, stage::record::Recorder};
use distributed::{Broker, Form, Message, Queue, RecordReader, Settings, Settle};
use futures::future::select_all;
use tokio::{select, try_join};
use tokio_util::sync::CancellationToken;

use self::{numbers::log_numbers, process::Worker};
use super::{
    namespace::with_children,
    until::{is_empty, until},
};
use crate::watched::{LETTERS, RECORDS, settings};

/// How many letters there are.
const COUNT: usize = 40;

const WORKERS: [&str; 3] = ["worker-1", "worker-2", "worker-3"];

/// Three workers deliver letters, and one is killed half-way.
pub(crate) async fn run() -> anyhow::Result<()> {
    with_children(async |namespace| {
        let location = &namespace.location;
        let broker = location.open().await?;
        match location.form() {
            Form::Embedded => say!(
                "only one process can open it: three tasks record themselves instead"
            ),
            Form::Postgres | Form::JetStream => say!("each worker is a process"),
        }
        let workers = WORKERS.map(|name| Worker::start(name, location, &broker));
        watch(&*broker, workers.into_iter().collect::<Result<_, _>>()?).await
    })
    .await
}

// ANCHOR: watch
/// Draws what the workers do, and logs the numbers of their queue.
async fn watch(broker: &dyn Broker, workers: Vec<Worker>) -> anyhow::Result<()> {
    let letters = broker.queue(LETTERS, settings()).await?;
    let records = broker.queue(RECORDS, Settings::default()).await?;
    let recorder = Recorder::current().context("there is no run to draw in")?;
    // At the end, also after Ctrl-C, it is dropped, and that ends the lanes of the killed worker.
    let mut reader = RecordReader::new(recorder);
    let ended = CancellationToken::new();
    let delivering = async {
        let _end = ended.clone().drop_guard();
        deliver_all(&*letters, &*records, workers).await
    };
    let logging = log_numbers(&*letters, &ended).try_lane("numbers");
    select! {
        ended = async { try_join!(delivering, logging) } => drop(ended?),
        failed = read_records(&*records, &mut reader) => match failed? {},
    }
    Ok(())
}

async fn read_records(
    records: &dyn Queue,
    reader: &mut RecordReader,
) -> anyhow::Result<Infallible> {
    const MANY: NonZeroUsize = NonZeroUsize::new(100).expect("not zero");
    loop {
        for delivery in records.receive(0, MANY).await? {
            let settle = match reader.add(&delivery.message) {
                Ok(()) => Settle::Ack,
                Err(error) => {
                    say!("{error}");
                    Settle::Term
                }
            };
            for settled in records.settle(&[delivery.token], settle).await {
                settled?;
            }
        }
    }
}
// ANCHOR_END: watch

async fn deliver_all(
    letters: &dyn Queue,
    records: &dyn Queue,
    mut workers: Vec<Worker>,
) -> anyhow::Result<()> {
    let messages = (1..=COUNT).map(|n| Message::new(format!("letter {n}")));
    for receipt in letters.publish(messages.collect()).await {
        receipt?;
    }
    say!("{COUNT} letters are published");
    select! {
        error = any_failure(&mut workers) => return Err(error),
        half = until(letters, |status| status.waiting <= COUNT / 2) => half?,
    };
    workers.remove(1).kill().await?;
    say!("{} is killed", WORKERS[1]);
    let status = select! {
        error = any_failure(&mut workers) => return Err(error),
        empty = until(letters, is_empty) => empty?,
    };
    say!("all letters are delivered, {} are dead letters", status.dead);
    for worker in workers {
        worker.end().await?;
    }
    until(records, is_empty).await?;
    Ok(())
}

/// Returns when a worker has ended, which it must not do by itself.
async fn any_failure(workers: &mut [Worker]) -> anyhow::Error {
    select_all(workers.iter_mut().map(|worker| Box::pin(worker.failure()))).await.0
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, sync::Arc, time::Duration};

    use async_kit::{
        Millis, Transcript,
        stage::record::{Ending, Event, LaneId, What},
        virtual_time,
    };
    use async_trait::async_trait;
    use distributed::{BrokerError, Embedded, Log};
    use tokio::time::timeout;

    use super::*;
    use crate::watched::SEND_INTERVAL;

    /// Runs the section in virtual time: the workers are tasks with a queue in memory.
    fn seen() -> Transcript {
        virtual_time(Transcript::of(async {
            let broker: Arc<dyn Broker> = Embedded::in_memory();
            let records = broker.queue(RECORDS, Settings::default()).await?;
            records.publish_one(Message::new("from a stranger")).await?;
            let workers = WORKERS.map(|name| Worker::task(name, Arc::clone(&broker)));
            watch(&*broker, workers.into_iter().collect::<Result<_, _>>()?).await?;
            assert_eq!(records.status().await?.dead, 1);
            anyhow::Ok(())
        }))
    }

    #[test]
    fn a_cancelled_section_does_not_draw_the_killed_worker_as_unfinished() {
        let seen = virtual_time(Transcript::of(async {
            let broker: Arc<dyn Broker> = Embedded::in_memory();
            let workers = WORKERS.map(|name| Worker::task(name, Arc::clone(&broker)));
            let workers = workers.into_iter().collect::<Result<_, _>>()?;
            let cancelled = timeout(400.ms(), watch(&*broker, workers)).await;
            cancelled.map(drop).expect_err("it takes longer");
            anyhow::Ok(())
        }));
        assert!(said_at(&seen, "worker-2 is killed") < 400.ms(), "{seen}");
        assert_eq!(seen.ending("worker-2 › slot 1"), Some(Ending::Dropped));
    }

    fn said_at(seen: &Transcript, text: &str) -> Duration {
        let line = seen.lines().iter().find(|line| line.text == text);
        line.unwrap_or_else(|| panic!("{text} in\n{seen}")).at
    }

    /// When each letter was taken, with the number of the delivery, as the workers have recorded it.
    fn taken(seen: &Transcript) -> Vec<(usize, u32, Duration)> {
        let taken = seen.lines().iter().filter_map(|line| {
            let (letter, delivery) =
                line.text.strip_prefix("takes letter ")?.split_once(", delivery ")?;
            Some((letter.parse().ok()?, delivery.parse().ok()?, line.at))
        });
        taken.collect()
    }

    #[test]
    fn the_lanes_of_the_killed_worker_end_where_it_was_last_known() {
        let seen = seen();
        for name in WORKERS {
            let expected =
                if name == "worker-2" { Ending::Dropped } else { Ending::Done };
            for slot in ["slot 1", "slot 2"] {
                let ending = seen.ending(&format!("{name} › {slot}"));
                assert_eq!(ending, Some(expected), "{name} {slot}");
            }
        }
        let killed = said_at(&seen, "worker-2 is killed");
        let recording = seen.recording();
        let is_of_killed = |event: &&Event| {
            event.lane.is_some_and(|LaneId(id)| {
                recording.lanes[id].name.starts_with("worker-2")
            })
        };
        let last = recording.events.iter().rfind(is_of_killed);
        let last = last.expect("it has recorded something");
        assert_eq!(last.what, What::Ended(Ending::Dropped));
        assert!(last.at <= killed && killed - last.at <= SEND_INTERVAL, "{last:?}");
    }

    #[test]
    fn every_letter_is_taken_and_the_letters_in_flight_again_after_ack_wait() {
        let seen = seen();
        let taken = taken(&seen);
        let letters: BTreeSet<_> = taken.iter().map(|(letter, ..)| *letter).collect();
        assert_eq!(letters, (1..=COUNT).collect());
        let again: Vec<_> =
            taken.iter().filter(|(_, delivery, _)| *delivery == 2).collect();
        assert_eq!(again.len(), 2, "{seen}");
        let killed = said_at(&seen, "worker-2 is killed");
        assert!(again.iter().all(|(.., at)| *at > killed), "{again:?}");
    }

    #[test]
    fn the_numbers_of_the_queue_are_logged_when_they_change() {
        let seen = seen();
        let lines = seen.lines().iter();
        let lines = lines.filter(|line| line.lane.as_deref() == Some("numbers"));
        let lines: Vec<_> = lines.map(|line| line.text.as_str()).collect();
        assert!(lines.windows(2).all(|two| two[0] != two[1]), "{lines:#?}");
        for line in [
            "INFO lag=34 in_flight=6 redelivered=0 dead=0",
            "INFO lag=0 in_flight=2 redelivered=2 dead=0",
        ] {
            assert!(lines.contains(&line), "{line} in {lines:#?}");
        }
        assert_eq!(seen.ending("numbers"), Some(Ending::Done));
    }

    #[test]
    fn what_a_stranger_sends_is_reported_and_not_drawn() {
        let seen = seen().to_string();
        assert!(
            seen.contains("this is no record of a process: it is one line"),
            "{seen}"
        );
    }

    /// A broker that a worker cannot use.
    struct Broken;

    #[async_trait]
    impl Broker for Broken {
        fn form(&self) -> Form {
            Form::Embedded
        }

        async fn queue(
            &self,
            _: &str,
            _: Settings,
        ) -> Result<Arc<dyn Queue>, BrokerError> {
            Err(BrokerError::Connection("there is no server".to_owned()))
        }

        async fn log(&self, _: &str) -> Result<Arc<dyn Log>, BrokerError> {
            Err(BrokerError::Connection("there is no server".to_owned()))
        }

        async fn remove(&self) -> Result<(), BrokerError> {
            Ok(())
        }
    }

    #[test]
    fn workers_that_cannot_work_end_the_section() {
        virtual_time(Transcript::of(async {
            let workers = WORKERS.map(|name| Worker::task(name, Arc::new(Broken)));
            let workers = workers.into_iter().collect::<Result<_, _>>()?;
            let failed = watch(&*Embedded::in_memory(), workers).await;
            let failed = format!("{:#}", failed.expect_err("it cannot end well"));
            assert!(failed.contains("there is no server"), "{failed}");
            anyhow::Ok(())
        }));
    }
}
