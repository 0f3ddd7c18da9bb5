//! NATS JetStream: a queue is a stream of which each message is removed once it is acknowledged.
//!
//! | here | there |
//! |---|---|
//! | a queue | a stream with work-queue retention, and a second one for its dead letters |
//! | a partition | a subject of the stream, with a durable pull consumer |
//! | a log | a stream from which nothing can be deleted |
//!
//! The server, version 2.9.10 and later, causes three differences to the other forms:
//! - It remembers the id of a message only while it holds the message, or until it is restarted. So an id
//!   whose message is done is unknown after a restart, and can be stored again.
//! - A message that waits for another delivery counts as in flight in [`Status`](crate::Status).
//! - A late [`Settle::Nak`](crate::Settle) or [`Settle::InProgress`](crate::Settle) applies to the
//!   delivery of the worker that has the message now.
//!
//! Before version 2.10.14 there is a fourth one. It needs a process that dies while it waits in `receive`, a
//! redelivery in its partition within the next 2 s, and no other worker that waits. Then the last message that
//! was delivered may be delivered one time more than [`Settings`](crate::Settings) allow, and that delivery
//! counts as the first one.
//!
//! The server stores any bytes that another program sends as headers. A message whose headers the client cannot
//! read breaks the connection of one worker. Then it becomes a dead letter, without headers.
//!
//! The server writes each message to its file before it acknowledges it, but calls `fsync` only every two
//! minutes by default (`sync_interval`): a message survives a `kill -9` of the server, and may not survive
//! a power failure. If its disk is full, nothing that was acknowledged is lost, but version 2.9.10 does not
//! answer until it is restarted.

mod address;
mod asking;
mod connection;
mod dead_letters;
mod failure;
mod history;
mod link;
mod publishing;
mod pull;
mod rounds;
mod settling;
mod stored;
mod stream_config;
mod streams;
mod work_queue;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use self::{address::Address, history::History, link::Link, work_queue::WorkQueueStream};
use crate::{
    Broker, BrokerError, Form, Log, Queue, Settings,
    broker::{check_name, check_queue},
};

/// For how long an operation waits for a server that is away: enough to restart one.
const RECONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The queues and logs of one namespace on a NATS server.
pub struct JetStream {
    link: Arc<Link>,
    space: String,
}

impl JetStream {
    /// Connects to the server at `url`, such as `nats://127.0.0.1:4222`. A user and a password, or a token,
    /// are written before the host: `nats://user:password@host`. `space` is the namespace: its
    /// queues and logs are separate from those of other namespaces. It is named like a queue.
    ///
    /// If the server goes away later, every operation waits up to 10 s for its return, and up to 3 s for
    /// an answer, before it fails. If it returns within this time, the operation only takes longer.
    ///
    /// # Errors
    ///
    /// [`BrokerError::Name`] for `space`. [`BrokerError::Connection`] if no server is there within 2 s, if
    /// it refuses the user, or if TLS fails. [`BrokerError::Unsupported`] if the server is older than 2.9,
    /// or if its JetStream is off.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it creates nothing on the server.
    pub async fn open(url: &str, space: &str) -> Result<Arc<Self>, BrokerError> {
        Self::open_patiently(url, space, RECONNECT_TIMEOUT).await
    }

    /// Like [`open`](Self::open), with another time than 10 s for the return of a server.
    ///
    /// # Errors
    ///
    /// Like [`open`](Self::open).
    ///
    /// # Cancel safety
    ///
    /// Like [`open`](Self::open).
    pub async fn open_patiently(
        url: &str,
        space: &str,
        reconnect_timeout: Duration,
    ) -> Result<Arc<Self>, BrokerError> {
        check_name(space)?;
        let link = Link::open(Address::parse(url)?, reconnect_timeout).await?;
        // An account can lack JetStream on a server that has it.
        link.ask::<Value>("INFO".to_owned(), &json!({})).await?;
        Ok(Arc::new(Self { link: Arc::new(link), space: space.to_owned() }))
    }
}

#[derive(Deserialize)]
struct StreamNames {
    streams: Option<Vec<String>>,
}

#[async_trait]
impl Broker for JetStream {
    fn form(&self) -> Form {
        Form::JetStream
    }

    async fn queue(
        &self,
        name: &str,
        settings: Settings,
    ) -> Result<Arc<dyn Queue>, BrokerError> {
        check_queue(name, &settings)?;
        let link = Arc::clone(&self.link);
        Ok(WorkQueueStream::open(link, &self.space, name, settings).await?)
    }

    async fn log(&self, name: &str) -> Result<Arc<dyn Log>, BrokerError> {
        check_name(name)?;
        let link = Arc::clone(&self.link);
        Ok(Arc::new(History::open(link, &self.space, name).await?))
    }

    async fn remove(&self) -> Result<(), BrokerError> {
        let ours = json!({ "subject": format!("{}.>", self.space) });
        // The server lists a part of them at a time.
        loop {
            let names: StreamNames =
                self.link.ask("STREAM.NAMES".to_owned(), &ours).await?;
            let streams = names.streams.unwrap_or_default();
            if streams.is_empty() {
                return Ok(());
            }
            for stream in streams {
                self.link.delete_stream(&stream).await?;
            }
        }
    }
}
