//! A command carries the channel for its answer.

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

use super::{
    change::{Key, Seq, Ticket},
    failure::Failure,
    partition::Window,
};
use crate::{
    AppendError, BrokerError, Entry, Message, PublishError, Receipt, Settings, Settle,
    Status,
};

pub(super) type Reply<T> = oneshot::Sender<T>;

pub(super) enum Command {
    OpenQueue {
        name: String,
        settings: Settings,
        reply: Reply<Result<(Key, Vec<Window>), BrokerError>>,
    },
    OpenLog {
        name: String,
        reply: Reply<Result<Key, BrokerError>>,
    },
    Write(Write),
    Status {
        queue: Key,
        reply: Reply<Result<Status, BrokerError>>,
    },
    DeadLetters {
        queue: Key,
        reply: Reply<Result<Vec<Message>, BrokerError>>,
    },
    Read {
        log: Key,
        after: u64,
        max: usize,
        reply: Reply<Result<Vec<Entry>, BrokerError>>,
    },
    Remove {
        reply: Reply<Result<(), BrokerError>>,
    },
}

/// The commands that share a transaction.
pub(super) enum Write {
    Publish {
        queue: Key,
        messages: Vec<Message>,
        /// `None` if the publisher does not wait.
        reply: Option<Reply<Published>>,
    },
    Deliver {
        queue: Key,
        jobs: Vec<Job>,
        reply: Reply<Result<Vec<Delivered>, BrokerError>>,
    },
    Settle {
        queue: Key,
        tickets: Vec<Ticket>,
        how: Settle,
        reply: Reply<Result<(), Failure>>,
    },
    Append {
        log: Key,
        after: u64,
        body: Bytes,
        reply: Reply<Result<u64, AppendError>>,
    },
}

pub(super) type Job = async_kit::Job<Seq>;
pub(super) type Published = Vec<Result<Receipt, PublishError>>;

/// What a worker gets.
pub(super) struct Delivered {
    pub(super) message: Message,
    pub(super) ticket: Ticket,
}

/// Sends commands to the task that owns the queues.
#[derive(Clone, Debug)]
pub(super) struct Commands(pub(super) mpsc::Sender<Command>);

impl Commands {
    /// Sends a command, and waits for its answer.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: a dropped call was executed or not, as a whole.
    pub(super) async fn ask<T>(
        &self,
        command: impl FnOnce(Reply<T>) -> Command,
    ) -> Result<T, BrokerError> {
        let (reply, answer) = oneshot::channel();
        self.send(command(reply)).await?;
        answer.await.map_err(|_| ended())
    }

    /// Sends a command without an answer.
    pub(super) async fn send(&self, command: Command) -> Result<(), BrokerError> {
        self.0.send(command).await.map_err(|_| ended())
    }
}

/// The task ends before its handles only if it panics, or if its runtime ends.
fn ended() -> BrokerError {
    BrokerError::Connection("the embedded queue has ended".to_owned())
}
