//! The name and the settings of a queue are on a child's command line, so both open the same queue.
#![cfg(not(target_family = "wasm"))]

use std::{error::Error, ffi::OsString, str::FromStr, sync::Arc};

use anyhow::Context;
use async_kit::Millis;
use distributed::{Broker, BrokerError, Location, Queue, Settings};
use lexopt::{Arg, Parser};

/// Which queue a child opens, and those of its settings that the sections change.
#[derive(Default)]
pub(crate) struct QueueOptions {
    name: String,
    settings: Settings,
}

/// What the parent writes on the command line of a child that is to open this queue.
pub(crate) fn arguments(
    location: &Location,
    name: &str,
    settings: &Settings,
) -> Vec<OsString> {
    let ack_wait = settings.ack_wait.as_millis();
    let options = [
        format!("--queue={name}"),
        format!("--ack-wait-ms={ack_wait}"),
        format!("--max-deliver={}", settings.max_deliver),
    ];
    location.arguments().into_iter().chain(options.map(OsString::from)).collect()
}

impl QueueOptions {
    /// Reads the value of an option of the queue. Any other option is an error.
    pub(crate) fn read(
        &mut self,
        option: &str,
        arguments: &mut Parser,
    ) -> anyhow::Result<()> {
        match option {
            "queue" => self.name = value(option, arguments)?,
            "ack-wait-ms" => {
                self.settings.ack_wait = value::<u64>(option, arguments)?.ms();
            }
            "max-deliver" => self.settings.max_deliver = value(option, arguments)?,
            _ => return Err(Arg::Long(option).unexpected().into()),
        }
        Ok(())
    }

    pub(crate) async fn open(
        &self,
        broker: &Arc<dyn Broker>,
    ) -> Result<Arc<dyn Queue>, BrokerError> {
        broker.queue(&self.name, self.settings.clone()).await
    }
}

/// The value of an option, or an error that names the option.
pub(crate) fn value<T>(option: &str, arguments: &mut Parser) -> anyhow::Result<T>
where
    T: FromStr<Err: Error + Send + Sync + 'static>,
{
    let value = arguments.value()?;
    let text = value.to_str().context("it is not UTF-8");
    let value = text.and_then(|text| Ok(text.parse()?));
    value.with_context(|| format!("the value of --{option}"))
}
