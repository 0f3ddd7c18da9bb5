//! Several processes may create or delete the same stream: each of them succeeds.

use async_kit::{Backoff, Retry, RetryError};
use async_nats::{
    HeaderMap, Request,
    jetstream::{ErrorCode, stream},
};
use serde_json::{Value, json};

use super::{
    connection::Connection,
    failure::{ApiError, Failed},
    link::{Link, PAUSE},
};
use crate::BrokerError;

/// How often the creation of a stream is attempted in all. Arbitrary: a full disk is reported after 200 ms.
const CREATIONS: u32 = 5;

impl Link {
    /// Creates a stream, or finds it if it has these settings. On a busy machine the server sometimes cannot
    /// create the folder of a stream, and can a moment later.
    pub(super) async fn create_stream(
        &self,
        config: &stream::Config,
    ) -> Result<(), ApiError> {
        let what = format!("STREAM.CREATE.{}", config.name);
        let not_created =
            |error: &ApiError| error.code() == Some(ErrorCode::STREAM_CREATE);
        let attempts =
            Retry::new(Backoff::fixed(PAUSE)).attempts(CREATIONS).when(not_created);
        let created = attempts.run(|| self.ask::<Value>(what.clone(), config)).await;
        let failed =
            |error: RetryError<_>| error.into_last().expect("it has no time limit");
        created.map(drop).map_err(failed)
    }

    /// Waits until the stream with this subject answers, to a message that it refuses.
    ///
    /// The server reports a stream as created as soon as it has begun to create it for another client. A
    /// consumer that is created before the stream is ready has no way to send: it takes every request, counts
    /// each message as delivered, and sends nothing, until the server is restarted.
    pub(super) async fn wait_until_ready(&self, subject: &str) -> Result<(), ApiError> {
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Expected-Stream", "none");
        let refused = &|| Request::new().headers(headers.clone());
        self.repeat(|connection| async move {
            connection.request(subject, refused()).await.map(drop)
        })
        .await
    }

    pub(super) async fn delete_stream(&self, stream: &str) -> Result<(), BrokerError> {
        let what = format!("STREAM.DELETE.{stream}");
        match self.ask::<Value>(what, &json!({})).await {
            // Another process was faster, or an answer was lost.
            Err(error) if error.code() == Some(ErrorCode::STREAM_NOT_FOUND) => Ok(()),
            answer => Ok(answer.map(drop)?),
        }
    }

    pub(super) async fn stream_info(
        &self,
        stream: &str,
    ) -> Result<stream::Info, ApiError> {
        self.ask(format!("STREAM.INFO.{stream}"), &json!({})).await
    }

    /// Whether nothing listens to the subjects of a stream because it was removed, and not because JetStream is
    /// off or about to be.
    pub(super) async fn is_removed(&self, connection: &Connection, stream: &str) -> bool {
        let what = format!("STREAM.INFO.{stream}");
        let info = connection.ask::<Value>(what, &json!({})).await;
        matches!(info, Err(Failed::Refused(error))
            if error.code() == Some(ErrorCode::STREAM_NOT_FOUND))
    }
}
