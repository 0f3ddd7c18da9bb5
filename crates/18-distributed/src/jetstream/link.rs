//! A broken connection is replaced when the next operation needs one.

use std::{error::Error, io, num::NonZeroU64, sync::Arc, time::Duration};

use async_kit::{Backoff, Retry, RetryError};
use async_nats::{
    ConnectError, ConnectErrorKind, HeaderMap, Message, Request,
    jetstream::{
        ErrorCode,
        message::StreamMessage,
        publish::PublishAck,
        response::Response,
        stream::{self, RawMessage},
    },
    rustls,
};
use futures::{StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep, timeout_at},
};

use super::{
    address::Address,
    connection::Connection,
    failure::{ApiError, Failed, JETSTREAM_IS_OFF},
    rounds::Rounds,
};
use crate::BrokerError;

/// For how long a new process tries to reach its server: a wrong address should be reported soon.
const FIRST: Duration = Duration::from_secs(2);

/// The pause between two attempts. Arbitrary: short, so that a restarted server is found soon.
pub(super) const PAUSE: Duration = Duration::from_millis(50);

/// How often the creation of a stream is tried in all. Arbitrary: a full disk is reported after 200 ms.
const CREATIONS: u32 = 5;

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

/// The way to the server, over one connection after the other.
pub(super) struct Link {
    address: Address,
    pub(super) reconnect_timeout: Duration,
    current: Mutex<Option<Arc<Connection>>>,
}

impl Link {
    pub(super) async fn open(
        address: Address,
        reconnect_timeout: Duration,
    ) -> Result<Self, BrokerError> {
        let link = Self { address, reconnect_timeout, current: Mutex::new(None) };
        let connection = link.connection(Instant::now() + FIRST).await?;
        link.check_server(&connection)?;
        Ok(link)
    }

    fn check_server(&self, connection: &Connection) -> Result<(), BrokerError> {
        let client = &connection.client;
        if !client.is_server_compatible(2, 9, 0) {
            let version = client.server_info().version;
            return Err(BrokerError::Unsupported(format!(
                "the NATS server at {} has version {version}: install 2.9 or later",
                self.address.shown
            )));
        }
        if !client.server_info().jetstream {
            return Err(BrokerError::Unsupported(JETSTREAM_IS_OFF.to_owned()));
        }
        Ok(())
    }

    /// The current connection, or a new one.
    pub(super) async fn connection(
        &self,
        deadline: Instant,
    ) -> Result<Arc<Connection>, BrokerError> {
        let current = timeout_at(deadline, self.current.lock()).await;
        let mut current = current.map_err(|_| self.away("another task tries to"))?;
        if let Some(connection) = current.as_ref().filter(|it| it.is_alive()) {
            return Ok(Arc::clone(connection));
        }
        *current = None;
        let new = Arc::new(self.connect(deadline).await?);
        *current = Some(Arc::clone(&new));
        Ok(new)
    }

    async fn connect(&self, deadline: Instant) -> Result<Connection, BrokerError> {
        let mut why = "the time is over".to_owned();
        loop {
            match timeout_at(deadline, self.address.connect()).await {
                Ok(Ok(client)) => match Connection::new(client).await {
                    Ok(connection) => return Ok(connection),
                    Err(error) => why = error.to_string(),
                },
                Ok(Err(error)) => match self.refused(&error) {
                    Some(refused) => return Err(refused),
                    None => why = error.to_string(),
                },
                // The reason of the attempt before is more precise.
                Err(_) => {}
            }
            if Instant::now() + PAUSE >= deadline {
                return Err(self.away(&why));
            }
            sleep(PAUSE).await;
        }
    }

    fn away(&self, why: &str) -> BrokerError {
        let shown = &self.address.shown;
        let what = format!("no NATS server answers at {shown}: {why}");
        BrokerError::Connection(format!(
            "{what}. Start one with `nats-server -js`, or correct or unset NATS_URL"
        ))
    }

    /// Whether every later attempt would fail too.
    fn refused(&self, error: &ConnectError) -> Option<BrokerError> {
        let shown = &self.address.shown;
        let why = match error.kind() {
            ConnectErrorKind::AuthorizationViolation
            | ConnectErrorKind::Authentication => format!(
                "the NATS server at {shown} refuses this user: check the user and the password, or the \
                 token, in NATS_URL"
            ),
            ConnectErrorKind::Tls => {
                format!("no TLS with the NATS server at {shown}: {error}")
            }
            _ if is_tls(error) => format!(
                "the NATS server at {shown} requires TLS, and its certificate is not accepted: {error}"
            ),
            _ => return None,
        };
        Some(BrokerError::Connection(why))
    }

    /// Repeats a request to JetStream until it answers, or until the time for a restart is over. The request
    /// must be idempotent.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        what: String,
        body: &(impl Serialize + Sync),
    ) -> Result<T, ApiError> {
        let mut rounds = Rounds::new(1, self);
        while let Some((connection, _)) = rounds.next().await {
            rounds.record(0, connection.ask(what.clone(), body).await);
        }
        let answers = rounds.finish(ApiError::Away);
        answers.into_iter().next().expect("one question has one answer")
    }

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
        let mut rounds = Rounds::new(1, self);
        while let Some((connection, _)) = rounds.next().await {
            let refused = Request::new().headers(headers.clone());
            rounds.record(0, connection.request(subject, refused).await.map(drop));
        }
        let answers = rounds.finish(ApiError::Away);
        answers.into_iter().next().expect("one message has one answer")
    }

    /// Stores an empty message, and returns its number.
    pub(super) async fn store_empty(&self, subject: &str) -> Result<u64, ApiError> {
        let mut rounds = Rounds::new(1, self);
        while let Some((connection, _)) = rounds.next().await {
            let answer = connection.request(subject, Request::new()).await;
            rounds.record(0, answer.and_then(|answer| stored(&answer)));
        }
        let answers = rounds.finish(ApiError::Away);
        answers.into_iter().next().expect("one message has one answer")
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

    /// Why nothing listens to the subjects of a stream: it was removed, or JetStream is off or about to be.
    pub(super) async fn is_removed(&self, connection: &Connection, stream: &str) -> bool {
        let what = format!("STREAM.INFO.{stream}");
        let info = connection.ask::<Value>(what, &json!({})).await;
        matches!(info, Err(Failed::Refused(error))
            if error.code() == Some(ErrorCode::STREAM_NOT_FOUND))
    }
}

fn stored(answer: &Message) -> Result<u64, Failed<ApiError>> {
    match serde_json::from_slice(&answer.payload) {
        Ok(Response::Ok::<PublishAck>(ack)) => Ok(ack.sequence),
        Ok(Response::Err { error }) => Err(Failed::Refused(ApiError::Refused(error))),
        Err(error) => Err(Failed::NoAnswer(error.to_string())),
    }
}

fn is_tls(error: &ConnectError) -> bool {
    let source = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    let inner = source.and_then(io::Error::get_ref);
    inner.is_some_and(|inner| inner.is::<rustls::Error>())
}
