//! A message whose acknowledgement was lost is published again with the same id, so it is stored once.

use std::error::Error;

use async_nats::{
    HeaderMap,
    jetstream::{
        self,
        context::{PublishAckFuture, PublishErrorKind},
        message::PublishMessage,
        publish::PublishAck,
    },
};
use bytes::Bytes;
use futures::future::join_all;

use super::{
    connection::Connection,
    failure::{ApiError, Failed, silent},
    link::Link,
    rounds::Rounds,
    work_queue::WorkQueueStream,
};
use crate::{Message, PublishError};

/// The header by which JetStream finds duplicates.
pub(super) const ID: &str = "Nats-Msg-Id";

/// The header with the key of a message.
pub(super) const KEY: &str = "Message-Key";

/// The beginning of an id that was made here, for a message without one.
const MADE: &str = "without-id.";

/// How many messages wait for their acknowledgements together. Arbitrary: with fewer, the network is idle
/// for longer; the client allows 5,000.
pub(super) const WINDOW: usize = 512;

/// A message on its way to a stream.
#[derive(Clone)]
pub(super) struct Outgoing {
    pub(super) subject: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Bytes,
}

impl Outgoing {
    pub(super) fn new(subject: String, message: Message) -> Self {
        let Message { id, key, body } = message;
        let key = key.map(|key| (KEY, key));
        let id = (ID, id.unwrap_or_else(made_id));
        Self { subject, headers: key.into_iter().chain([id]).collect(), body }
    }

    fn header_map(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            headers.insert(*name, value.as_str());
        }
        headers
    }

    /// Sends it without asking for an acknowledgement.
    pub(super) async fn forget(
        &self,
        connection: &Connection,
    ) -> Result<(), PublishError> {
        let (subject, headers, body) =
            (self.subject.clone(), self.header_map(), self.body.clone());
        let sent = connection.client.publish_with_headers(subject, headers, body).await;
        sent.map_err(|error| match error.kind() {
            async_nats::PublishErrorKind::MaxPayloadExceeded => PublishError::TooLarge {
                size: self.body.len(),
                limit: self.max_body(connection),
            },
            _ => PublishError::Unknown(error.to_string()),
        })
    }

    async fn send(
        &self,
        connection: &Connection,
    ) -> Result<PublishAckFuture, StreamError> {
        let headers = self.header_map();
        let message = PublishMessage::build().payload(self.body.clone()).headers(headers);
        connection.context.send_publish(self.subject.clone(), message).await
    }

    fn failed(
        &self,
        error: StreamError,
        connection: &Connection,
        is_removed: bool,
    ) -> Failed<Unstored> {
        use PublishErrorKind as Kind;
        Failed::Refused(match error.kind() {
            Kind::MaxPayloadExceeded => self.too_large(connection),
            Kind::WrongLastSequence | Kind::WrongLastMessageId => Unstored::OutOfSequence,
            Kind::StreamNotFound if is_removed => Unstored::Removed,
            Kind::StreamNotFound => return Failed::NoListener,
            _ => {
                match error.source().and_then(|it| it.downcast_ref::<jetstream::Error>())
                {
                    Some(refusal) => Unstored::Refused(refusal.clone()),
                    None => return Failed::NoAnswer(silent(error)),
                }
            }
        })
    }

    fn too_large(&self, connection: &Connection) -> Unstored {
        Unstored::TooLarge { size: self.body.len(), limit: self.max_body(connection) }
    }

    /// The largest body that the server accepts with these headers.
    fn max_body(&self, connection: &Connection) -> usize {
        let line = |(name, value): &(&str, String)| format!("{name}: {value}\r\n").len();
        let headers: usize = self.headers.iter().map(line).sum();
        connection
            .client
            .max_payload()
            .saturating_sub("NATS/1.0\r\n".len() + headers + "\r\n".len())
    }
}

/// An id that no other message has.
pub(super) fn made_id() -> String {
    format!("{MADE}{:032x}", fastrand::u128(..))
}

/// The id and the key of a message that was received, with the given header for its id.
pub(super) fn read(headers: &HeaderMap, id_header: &str, body: Bytes) -> Message {
    let text = |name: &str| headers.get(name).map(|value| value.as_str().to_owned());
    let id = text(id_header).filter(|id| !id.starts_with(MADE));
    Message { id, key: text(KEY), body }
}

/// Why a message is not stored, or not known to be.
pub(super) enum Unstored {
    TooLarge {
        size: usize,
        limit: usize,
    },
    /// The last message of the stream or subject is not the expected one.
    OutOfSequence,
    Removed,
    Refused(jetstream::Error),
    Unknown(String),
}

/// Publishes to a stream, and awaits the acknowledgements.
///
/// The messages are stored in their order, even if the connection breaks: then nothing that waits is sent,
/// and the next round begins with the first message that has no answer. Before anything is sent over a new
/// connection, `queue` is prepared for it.
pub(super) async fn publish(
    link: &Link,
    stream: &str,
    outgoing: &[Outgoing],
    queue: Option<&WorkQueueStream>,
) -> Vec<Result<PublishAck, Unstored>> {
    let mut results = Vec::with_capacity(outgoing.len());
    for window in outgoing.chunks(WINDOW) {
        results.extend(publish_window(link, stream, window, queue).await);
    }
    results
}

/// Publishes one message; see [`publish`].
pub(super) async fn publish_one(
    link: &Link,
    stream: &str,
    outgoing: Outgoing,
) -> Result<PublishAck, Unstored> {
    let results = publish_window(link, stream, &[outgoing], None).await;
    results.into_iter().next().expect("one message has one result")
}

async fn publish_window(
    link: &Link,
    stream: &str,
    window: &[Outgoing],
    queue: Option<&WorkQueueStream>,
) -> Vec<Result<PublishAck, Unstored>> {
    let mut rounds = Rounds::new(window.len(), link);
    while let Some((connection, open)) = rounds.next().await {
        if let Some(queue) = queue
            && let Err(error) = queue.prepare(&connection).await
        {
            for index in open {
                let failed = match &error {
                    ApiError::Away(why) => Failed::NoAnswer(why.clone()),
                    ApiError::Refused(why) => {
                        Failed::Refused(Unstored::Refused(why.clone()))
                    }
                };
                rounds.record(index, Err(failed));
            }
            continue;
        }
        let mut sent = Vec::with_capacity(open.len());
        for &index in &open {
            sent.push(window[index].send(&connection).await);
        }
        let acks = join_all(sent.into_iter().map(acknowledged)).await;
        let is_unheard = |ack: &Result<_, StreamError>| {
            ack.as_ref().is_err_and(|e| e.kind() == PublishErrorKind::StreamNotFound)
        };
        let is_removed =
            acks.iter().any(is_unheard) && link.is_removed(&connection, stream).await;
        for (&index, ack) in open.iter().zip(acks) {
            let failed = |error| window[index].failed(error, &connection, is_removed);
            rounds.record(index, ack.map_err(failed));
        }
    }
    rounds.finish(Unstored::Unknown)
}

type StreamError = async_nats::jetstream::context::PublishError;

async fn acknowledged(
    sent: Result<PublishAckFuture, StreamError>,
) -> Result<PublishAck, StreamError> {
    sent?.await
}
