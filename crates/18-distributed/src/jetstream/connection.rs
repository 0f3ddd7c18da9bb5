//! A broken connection is never repaired: the next operation uses a new one.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_nats::{
    Client, Message, Request, RequestErrorKind, SubscribeError, Subscriber,
    connection::State,
    jetstream::{
        Context,
        context::{ContextBuilder, RequestErrorKind as ApiErrorKind},
        response::Response,
    },
};
use futures::{FutureExt, StreamExt};
use serde::{Serialize, de::DeserializeOwned};

use super::failure::{ApiError, Failed, silent};

/// How long the server may take for an answer. Arbitrary: a hundred times what it takes under load.
const ANSWER: Duration = Duration::from_secs(3);

pub(super) struct Connection {
    /// No two connections of this process have the same number.
    pub(super) number: u64,
    pub(super) client: Client,
    pub(super) context: Context,
    /// Receives nothing, and ends with the connection.
    end: Mutex<Subscriber>,
}

impl Connection {
    pub(super) async fn new(client: Client) -> Result<Self, SubscribeError> {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        // With `backpressure_on_inflight`, publishers that wait for each other's acknowledgements while
        // they hold their own would never return.
        let context = ContextBuilder::new()
            .timeout(ANSWER)
            .backpressure_on_inflight(false)
            .max_ack_inflight(1_000_000)
            .build(client.clone());
        let end = Mutex::new(client.subscribe(client.new_inbox()).await?);
        Ok(Self { number: NUMBER.fetch_add(1, Ordering::Relaxed), client, context, end })
    }

    pub(super) fn is_alive(&self) -> bool {
        // A value of a header with a carriage return makes the client panic in the task of its connection.
        // After that, the client still reports that it is connected.
        let mut end = self.end.lock().expect("no holder panics");
        let is_over = matches!(end.next().now_or_never(), Some(None));
        !is_over && self.client.connection_state() == State::Connected
    }

    /// Whether both are connections with the same run of a server.
    pub(super) fn has_server_of(&self, other: &Self) -> bool {
        let id = |connection: &Self| connection.client.server_info().server_id;
        id(self) == id(other)
    }

    /// Sends a request, and waits for the answer.
    pub(super) async fn request<E>(
        &self,
        subject: &str,
        request: Request,
    ) -> Result<Message, Failed<E>> {
        let request = request.timeout(Some(ANSWER));
        let answer = self.client.send_request(subject.to_owned(), request).await;
        answer.map_err(|error| match error.kind() {
            RequestErrorKind::NoResponders => Failed::NoListener,
            _ => Failed::NoAnswer(silent(error)),
        })
    }

    /// Asks JetStream itself.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        what: String,
        body: &impl Serialize,
    ) -> Result<T, Failed<ApiError>> {
        match self.context.request(what, body).await {
            Ok(Response::Ok(answer)) => Ok(answer),
            Ok(Response::Err { error }) => Err(Failed::Refused(ApiError::Refused(error))),
            Err(error) => Err(match error.kind() {
                ApiErrorKind::NoResponders => Failed::NoListener,
                _ => Failed::NoAnswer(silent(error)),
            }),
        }
    }
}
