//! A publisher that was killed publishes again what was not acknowledged, with the same ids.
#![cfg(not(target_family = "wasm"))]

use std::{future::pending, process::ExitCode, time::Duration};

use anyhow::ensure;
use async_kit::Millis;
use distributed::{Location, Message, Queue, report_step, stop_at};
use lexopt::{Arg, Parser};
use tokio::time::sleep;

use crate::{
    print::print,
    queue_options::{QueueOptions, value},
};

/// The steps at which a publisher can stop with its last letter.
const STEPS: [&str; 3] = ["sending", "stored", "acknowledged"];

/// Publishes the letters from `first` to `last`, one after the other.
#[derive(Default)]
struct Publisher {
    queue: QueueOptions,
    first: usize,
    last: usize,
    forget: bool,
    pause: Duration,
    stop_at: String,
}

pub(crate) async fn main(
    location: Location,
    arguments: Parser,
) -> anyhow::Result<ExitCode> {
    let publisher = Publisher::parse(arguments)?;
    let broker = location.open().await?;
    let queue = publisher.queue.open(&broker).await?;
    match publisher.forget {
        true => publisher.publish_and_forget(&*queue).await?,
        false => publisher.publish(&*queue).await?,
    }
    Ok(ExitCode::SUCCESS)
}

impl Publisher {
    fn parse(mut arguments: Parser) -> anyhow::Result<Self> {
        let mut publisher = Self::default();
        while let Some(argument) = arguments.next()? {
            let Arg::Long(option) = argument else {
                return Err(argument.unexpected().into());
            };
            let option = option.to_owned();
            match option.as_str() {
                "first" => publisher.first = value(&option, &mut arguments)?,
                "last" => publisher.last = value(&option, &mut arguments)?,
                "pause-ms" => {
                    publisher.pause = value::<u64>(&option, &mut arguments)?.ms()
                }
                "forget" => publisher.forget = true,
                "stop-at" => publisher.stop_at = value(&option, &mut arguments)?,
                _ => publisher.queue.read(&option, &mut arguments)?,
            }
        }
        let step = publisher.stop_at.as_str();
        ensure!(
            step.is_empty() || STEPS.contains(&step),
            "a publisher has no step {step}"
        );
        Ok(publisher)
    }

    // ANCHOR: publisher
    async fn publish(&self, queue: &dyn Queue) -> anyhow::Result<()> {
        for n in self.first..=self.last {
            sleep(self.pause).await;
            let stops_at = |step| n == self.last && self.stop_at == step;
            if stops_at("sending") {
                // The parent kills this process while it publishes.
                report_step("sending");
                let _ = queue.publish_one(letter(n)).await;
                return pending().await;
            }
            queue.publish_one(letter(n)).await?;
            if stops_at("stored") {
                stop_at("stored");
            }
            print(format_args!("letter-{n} is acknowledged"));
            if stops_at("acknowledged") {
                stop_at("acknowledged");
            }
        }
        Ok(())
    }

    async fn publish_and_forget(&self, queue: &dyn Queue) -> anyhow::Result<()> {
        for n in self.first..=self.last {
            queue.publish_and_forget(letter(n)).await?;
            print(format_args!("sent letter-{n}"));
        }
        // This call has returned too, but it did not wait for an acknowledgement.
        stop_at("sent")
    }
    // ANCHOR_END: publisher
}

fn letter(n: usize) -> Message {
    let name = format!("letter-{n}");
    Message::new(name.clone()).id(name)
}
