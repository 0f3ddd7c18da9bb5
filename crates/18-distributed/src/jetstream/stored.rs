//! A stored message is found by its number, and needs no consumer.

use std::num::NonZeroU64;

use async_nats::{
    Message, Request,
    jetstream::{
        ErrorCode, message::StreamMessage, publish::PublishAck, response::Response,
        stream::RawMessage,
    },
};
use futures::{StreamExt, TryStreamExt};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    failure::{ApiError, Failed},
    link::Link,
};
use crate::BrokerError;

/// How many messages are asked for at the same time when a stream is read. Arbitrary: with more, one
/// connection is not faster.
const READS: usize = 64;

/// What the server answers to the question for a message.
#[derive(Deserialize)]
struct Got {
    message: RawMessage,
}

impl Got {
    fn decoded(self) -> Result<Stored, BrokerError> {
        let without_headers = RawMessage { headers: None, ..self.message.clone() };
        let unclear =
            |error| BrokerError::Server(format!("a message is unreadable: {error}"));
        Ok(match self.message.try_into() {
            Ok(message) => Stored { message, is_deliverable: true },
            Err(_) => Stored {
                message: without_headers.try_into().map_err(unclear)?,
                is_deliverable: false,
            },
        })
    }
}

/// A message of a stream.
pub(super) struct Stored {
    /// Without headers if the client cannot read them. The server stores any bytes that a program sends.
    pub(super) message: StreamMessage,
    /// Whether the client can read its headers. It ends its connection if it receives others.
    pub(super) is_deliverable: bool,
}

impl Link {
    /// Stores an empty message, and returns its number.
    pub(super) async fn store_empty(&self, subject: &str) -> Result<u64, ApiError> {
        self.repeat(|connection| async move {
            stored(&connection.request(subject, Request::new()).await?)
        })
        .await
    }

    /// The message with this number. None if the stream has none.
    pub(super) async fn stored(
        &self,
        stream: &str,
        sequence: u64,
    ) -> Result<Option<Stored>, BrokerError> {
        let got = self.get(stream, &json!({ "seq": sequence })).await?;
        got.map(Got::decoded).transpose()
    }

    /// The first message with this subject, from number `from` on. None if there is none.
    pub(super) async fn next_stored(
        &self,
        stream: &str,
        subject: &str,
        from: u64,
    ) -> Result<Option<Stored>, BrokerError> {
        let next = json!({ "seq": from, "next_by_subj": subject });
        self.get(stream, &next).await?.map(Got::decoded).transpose()
    }

    async fn get(&self, stream: &str, which: &Value) -> Result<Option<Got>, ApiError> {
        let what = format!("STREAM.MSG.GET.{stream}");
        match self.ask::<Got>(what, which).await {
            Ok(got) => Ok(Some(got)),
            Err(error) if error.code() == Some(ErrorCode::NO_MESSAGE_FOUND) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The number of the first message with this subject, from number `from` on. None if there is none.
    pub(super) async fn first_stored(
        &self,
        stream: &str,
        subject: &str,
        from: u64,
    ) -> Result<Option<u64>, ApiError> {
        let first = json!({ "seq": from, "next_by_subj": subject });
        Ok(self.get(stream, &first).await?.map(|got| got.message.sequence))
    }

    /// Deletes the message with this number, if the stream has it.
    pub(super) async fn delete(
        &self,
        stream: &str,
        sequence: u64,
    ) -> Result<(), ApiError> {
        let what = format!("STREAM.MSG.DELETE.{stream}");
        let body = json!({ "seq": sequence, "no_erase": true });
        let deleted = self.ask::<Value>(what, &body).await.map(drop);
        // It fails if another process was faster, or an answer was lost.
        match deleted {
            Err(error)
                if error.code() == Some(ErrorCode::STREAM_MESSAGE_DELETE_FAILED) =>
            {
                Ok(())
            }
            deleted => deleted,
        }
    }

    /// The messages behind that with number `after`, at most `max`, in their order.
    pub(super) async fn read(
        &self,
        stream: &str,
        after: u64,
        max: NonZeroU64,
    ) -> Result<Vec<StreamMessage>, BrokerError> {
        let last = self.stream_info(stream).await?.state.last_sequence;
        let last = last.min(after.saturating_add(max.get()));
        let sequences = futures::stream::iter(after.saturating_add(1)..=last);
        let stored = sequences.map(|sequence| self.stored(stream, sequence));
        let stored: Vec<_> = stored.buffered(READS).try_collect().await?;
        Ok(stored.into_iter().flatten().map(|stored| stored.message).collect())
    }
}

fn stored(answer: &Message) -> Result<u64, Failed<ApiError>> {
    match serde_json::from_slice(&answer.payload) {
        Ok(Response::Ok::<PublishAck>(ack)) => Ok(ack.sequence),
        Ok(Response::Err { error }) => Err(Failed::Refused(ApiError::Refused(error))),
        Err(error) => Err(Failed::NoAnswer(error.to_string())),
    }
}
