//! A run of several processes is drawn as one, and its times are as exact as the picture states.
//!
//! In a process, the stage sees every task, and one clock orders all events. Between processes nothing
//! sees everything: each worker records itself and sends its record through the queue, and each has a
//! clock of its own. A worker that is killed cannot send its last events, so its lanes end where it was
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
            Form::Embedded => say!("only one process can open it: the workers are tasks"),
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
    reader.finish();
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
    until(letters, |status| status.waiting <= COUNT / 2).await?;
    workers.remove(1).kill().await?;
    say!("{} is killed", WORKERS[1]);
    let status = until(letters, is_empty).await?;
    say!("all letters are delivered, {} are dead letters", status.dead);
    for worker in workers {
        worker.end().await?;
    }
    until(records, is_empty).await?;
    Ok(())
}
