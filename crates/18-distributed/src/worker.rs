//! A worker acknowledges a letter after its effect, so a kill between the two loses no effect.
//!
//! In the other order, a worker that is killed between the two has lost the effect. After SIGTERM a worker
//! finishes its letter in the same order, and then ends.
#![cfg(not(target_family = "wasm"))]

use std::{future::pending, path::PathBuf, pin::pin, process::ExitCode, time::Duration};

use anyhow::ensure;
use async_kit::{Millis, Signals, TimeLimit};
use distributed::{BrokerError, Delivery, Effects, Location, Queue, stop_at};
use lexopt::{Arg, Parser};
use tokio::{select, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    lessons::{
        namespace::open_effects,
        until::{is_empty, until},
    },
    print::print,
    queue_options::{QueueOptions, value},
};

/// The steps at which a worker can stop with its first letter.
const STEPS: [&str; 4] = ["received", "begun", "committed", "acked"];

/// The exit code that shells report for a process that SIGTERM ended: 128 + 15.
const TERMINATED: u8 = 143;

/// A call that receives may have a message on its way to it, which would be delivered again only after
/// `ack_wait` if the call were dropped. So a worker that is to stop waits for this time before it drops
/// the call. Arbitrary: many times what a message needs in a local network.
const ON_ITS_WAY: Duration = Duration::from_millis(100);

/// Delivers letters: writes an effect for each, and acknowledges it.
struct Worker {
    queue: QueueOptions,
    effects: PathBuf,
    keyed: bool,
    until_empty: bool,
    takes: Duration,
    grace: Duration,
    stop_at: String,
}

pub(crate) async fn main(
    location: Location,
    arguments: Parser,
) -> anyhow::Result<ExitCode> {
    // Before anything else: a signal that comes earlier ends the process, and there is nothing to finish.
    let signals = Signals::listen()?;
    let worker = Worker::parse(arguments)?;
    let broker = location.open().await?;
    let queue = worker.queue.open(&broker).await?;
    let effects = open_effects(&location, &worker.effects).await?;
    print(format_args!("ready"));
    worker.work_until_signal(signals, &*queue, &effects).await
}

impl Worker {
    fn parse(mut arguments: Parser) -> anyhow::Result<Self> {
        let mut worker = Self {
            queue: QueueOptions::default(),
            effects: PathBuf::new(),
            keyed: true,
            until_empty: false,
            takes: Duration::ZERO,
            grace: 10.secs(),
            stop_at: String::new(),
        };
        while let Some(argument) = arguments.next()? {
            let Arg::Long(option) = argument else {
                return Err(argument.unexpected().into());
            };
            let option = option.to_owned();
            match option.as_str() {
                "effects" => worker.effects = arguments.value()?.into(),
                "unkeyed" => worker.keyed = false,
                "until-empty" => worker.until_empty = true,
                "takes-ms" => worker.takes = value::<u64>(&option, &mut arguments)?.ms(),
                "grace-ms" => worker.grace = value::<u64>(&option, &mut arguments)?.ms(),
                "stop-at" => worker.stop_at = value(&option, &mut arguments)?,
                _ => worker.queue.read(&option, &mut arguments)?,
            }
        }
        let step = worker.stop_at.as_str();
        ensure!(step.is_empty() || STEPS.contains(&step), "a worker has no step {step}");
        Ok(worker)
    }

    // ANCHOR: drain
    async fn work_until_signal(
        &self,
        mut signals: Signals,
        queue: &dyn Queue,
        effects: &Effects,
    ) -> anyhow::Result<ExitCode> {
        let stop = CancellationToken::new();
        let mut working = pin!(self.work(&stop, queue, effects));
        let why = select! {
            ended = &mut working => return ended.map(|()| ExitCode::SUCCESS),
            signal = signals.next() => signal,
            empty = self.empty(queue) => empty?,
        };
        print(format_args!("{why}: asks for no other letter"));
        stop.cancel();
        select! {
            ended = working.within(self.grace) => match ended {
                Ok(ended) => ended.map(|()| ExitCode::SUCCESS),
                Err(_) => {
                    print(format_args!("its grace period is over: its letter will be delivered again"));
                    Ok(ExitCode::FAILURE)
                }
            },
            // Its letter is delivered again, to another worker.
            _ = signals.next() => Ok(ExitCode::from(TERMINATED)),
        }
    }

    /// Waits until nothing is left to do. Most workers wait for the next letter instead.
    async fn empty(&self, queue: &dyn Queue) -> Result<&'static str, BrokerError> {
        if !self.until_empty {
            return pending().await;
        }
        until(queue, is_empty).await?;
        Ok("the queue is empty")
    }

    /// Delivers letters until it is to stop. It is dropped only if the process ends with it.
    async fn work(
        &self,
        stop: &CancellationToken,
        queue: &dyn Queue,
        effects: &Effects,
    ) -> anyhow::Result<()> {
        while let Some(letter) = next(stop, queue).await? {
            self.deliver(letter, effects).await?;
        }
        Ok(())
    }
    // ANCHOR_END: drain

    // ANCHOR: worker
    async fn deliver(&self, letter: Delivery, effects: &Effects) -> anyhow::Result<()> {
        let name = String::from_utf8_lossy(&letter.message.body).into_owned();
        print(format_args!("takes {name}, delivery {}", letter.deliveries));
        self.step("received");
        sleep(self.takes).await;
        let applied = match self.keyed {
            true => self.deliver_once(&name, effects).await?,
            false => {
                effects.unkeyed(&name).await?;
                true
            }
        };
        self.step("committed");
        letter.ack().await?;
        print(format_args!("{} {name}", if applied { "delivered" } else { "skipped" }));
        self.step("acked");
        Ok(())
    }

    /// Returns `false` if the letter was delivered before.
    async fn deliver_once(&self, name: &str, effects: &Effects) -> anyhow::Result<bool> {
        let Some(mut effect) = effects.keyed(name).await? else { return Ok(false) };
        Effects::write(&mut effect, name).await?;
        self.step("begun");
        effect.commit().await?;
        Ok(true)
    }
    // ANCHOR_END: worker

    fn step(&self, step: &str) {
        if self.stop_at == step {
            stop_at(step);
        }
    }
}

// ANCHOR: next
/// The next letter, or `None` if the worker is to stop.
async fn next(
    stop: &CancellationToken,
    queue: &dyn Queue,
) -> Result<Option<Delivery>, BrokerError> {
    if stop.is_cancelled() {
        return Ok(None);
    }
    let nothing_on_its_way = async {
        stop.cancelled().await;
        sleep(ON_ITS_WAY).await;
    };
    select! {
        biased;
        letter = queue.receive_one() => letter.map(Some),
        () = nothing_on_its_way => Ok(None),
    }
}
// ANCHOR_END: next

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_kit::virtual_time;
    use distributed::{Broker, Embedded, Message, Settings};
    use tokio::{join, time::Instant};

    use super::*;

    async fn letters() -> Arc<dyn Queue> {
        let broker: Arc<dyn Broker> = Embedded::in_memory();
        broker.queue("letters", Settings::default()).await.expect("a queue")
    }

    #[test]
    fn a_letter_that_is_on_its_way_when_the_worker_is_stopped_is_received() {
        virtual_time(async {
            let (queue, stop) = (letters().await, CancellationToken::new());
            let late = async {
                stop.cancel();
                sleep(ON_ITS_WAY / 2).await;
                queue.publish_one(Message::new("late")).await
            };
            let (letter, published) = join!(biased; next(&stop, &*queue), late);
            published.expect("it is stored");
            assert!(letter.expect("no error").is_some());
            queue.publish_one(Message::new("too late")).await.expect("it is stored");
            assert!(next(&stop, &*queue).await.expect("no error").is_none());
        });
    }

    #[test]
    fn a_stopped_worker_waits_no_longer_than_for_what_is_on_its_way() {
        virtual_time(async {
            let (queue, stop) = (letters().await, CancellationToken::new());
            let began = Instant::now();
            let (letter, ()) =
                join!(biased; next(&stop, &*queue), async { stop.cancel() });
            assert!(letter.expect("no error").is_none());
            assert_eq!(began.elapsed(), ON_ITS_WAY);
        });
    }
}
