//! A dead letter is stored once, however many processes bury it.

use std::num::NonZeroU64;

use async_nats::{
    HeaderMap,
    jetstream::stream::{self, StorageType},
};
use bytes::Bytes;
use serde_json::Value;

use super::{
    failure::{ApiError, publish_error},
    link::Link,
    publishing::{ID, KEY, Outgoing, Unstored, publish_one, read},
};
use crate::{BrokerError, Message};

/// The header with the id that the message had. In its own header it would be a duplicate of another dead
/// letter with the same id.
const DEAD_ID: &str = "Dead-Id";

/// The stream of the dead letters of a queue. Each has a subject of its own, by its number in the queue.
pub(super) struct DeadLetters {
    stream: String,
    subject: String,
}

impl DeadLetters {
    pub(super) async fn open(
        link: &Link,
        space: &str,
        name: &str,
    ) -> Result<Self, ApiError> {
        let dead = Self {
            stream: format!("{space}+dead+{name}"),
            subject: format!("{space}.dead.{name}"),
        };
        let config = stream::Config {
            name: dead.stream.clone(),
            subjects: vec![format!("{}.*", dead.subject)],
            storage: StorageType::File,
            max_messages: -1,
            max_bytes: -1,
            max_messages_per_subject: -1,
            max_consumers: -1,
            num_replicas: 1,
            ..Default::default()
        };
        link.ask::<Value>(format!("STREAM.CREATE.{}", dead.stream), &config).await?;
        Ok(dead)
    }

    /// Stores the message with this number in the queue, unless that was done before.
    pub(super) async fn bury(
        &self,
        link: &Link,
        sequence: u64,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<(), BrokerError> {
        let text = |name| headers.get(name).map(|value| value.as_str().to_owned());
        let first = ("Nats-Expected-Last-Subject-Sequence", Some("0".to_owned()));
        let headers = [(DEAD_ID, text(ID)), (KEY, text(KEY)), first];
        let given = |(name, value): (_, Option<_>)| Some((name, value?));
        let outgoing = Outgoing {
            subject: format!("{}.{sequence}", self.subject),
            headers: headers.into_iter().filter_map(given).collect(),
            body,
        };
        match publish_one(link, &self.stream, outgoing).await {
            // Another process has buried it, or a repeated attempt of this one has.
            Ok(_) | Err(Unstored::OutOfSequence) => Ok(()),
            Err(why) => Err(BrokerError::Server(publish_error(why, None).to_string())),
        }
    }

    pub(super) async fn count(&self, link: &Link) -> Result<usize, BrokerError> {
        let info = link.stream_info(&self.stream).await?;
        Ok(usize::try_from(info.state.messages).unwrap_or(usize::MAX))
    }

    pub(super) async fn read(&self, link: &Link) -> Result<Vec<Message>, BrokerError> {
        let stored = link.read(&self.stream, 0, NonZeroU64::MAX).await?;
        Ok(stored
            .into_iter()
            .map(|stored| read(&stored.headers, DEAD_ID, stored.payload))
            .collect())
    }
}
