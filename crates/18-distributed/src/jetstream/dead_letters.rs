//! A dead letter is stored once, however many processes move the message there.

use std::num::NonZeroU64;

use async_nats::HeaderMap;
use bytes::Bytes;

use super::{
    failure::{ApiError, publish_error},
    link::Link,
    publishing::{ID, KEY, Outgoing, Unstored, publish_one, read},
    stream_config::unlimited,
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
        let config = unlimited(&dead.stream, vec![format!("{}.*", dead.subject)]);
        link.create_stream(&config).await?;
        Ok(dead)
    }

    /// Stores the message with this number in the queue, unless that was done before.
    ///
    /// Its subject may have another message: one of another program, or an earlier dead letter with this
    /// number, which a killed server has forgotten and assigned again.
    pub(super) async fn store(
        &self,
        link: &Link,
        sequence: u64,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<(), BrokerError> {
        let (id, key) = (text(&headers, ID), text(&headers, KEY));
        let named = [(DEAD_ID, id.clone()), (KEY, key.clone())];
        let subject = format!("{}.{sequence}", self.subject);
        let mut last = 0;
        loop {
            let expected =
                ("Nats-Expected-Last-Subject-Sequence", Some(last.to_string()));
            let given = |(name, value): (_, Option<_>)| Some((name, value?));
            let headers = named.clone().into_iter().chain([expected]);
            let outgoing = Outgoing {
                subject: subject.clone(),
                headers: headers.filter_map(given).collect(),
                body: body.clone(),
            };
            match publish_one(link, &self.stream, outgoing).await {
                Ok(_) => return Ok(()),
                Err(Unstored::OutOfSequence) => {}
                Err(why) => {
                    return Err(BrokerError::Server(
                        publish_error(why, None).to_string(),
                    ));
                }
            }
            while let Some(stored) =
                link.next_stored(&self.stream, &subject, last + 1).await?
            {
                let other = stored.message;
                let others = (text(&other.headers, DEAD_ID), text(&other.headers, KEY));
                // Another process has stored it, or an earlier attempt of this one has.
                if other.payload == body && others == (id.clone(), key.clone()) {
                    return Ok(());
                }
                last = other.sequence;
            }
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

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| value.as_str().to_owned())
}
