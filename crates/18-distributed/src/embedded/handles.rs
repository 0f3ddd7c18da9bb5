//! A handle never changes a queue: it sends commands to the task that owns the queues.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Weak},
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::FutureExt;
use tokio::task::coop::unconstrained;

use super::{
    change::{Key, Ticket},
    command::{Command, Commands, Delivered, Job, Write},
    failure::Failure,
    partition::Window,
};
use crate::{
    AppendError, BrokerError, Delivery, Entry, Log, MAX_BODY, Message, PublishError,
    Queue, Receipt, Settle, Status, Token,
};

pub(super) struct EmbeddedQueue {
    key: Key,
    windows: Vec<Window>,
    commands: Commands,
    /// For the deliveries, which settle themselves.
    this: Weak<Self>,
}

impl EmbeddedQueue {
    pub(super) fn new(key: Key, windows: Vec<Window>, commands: Commands) -> Arc<Self> {
        let new = |this: &Weak<Self>| Self { key, windows, commands, this: this.clone() };
        Arc::new_cyclic(new)
    }

    /// Waits for the first message of a partition, and takes those that are ready.
    async fn wait(&self, partition: usize, max: NonZeroUsize) -> Option<Vec<Job>> {
        let window = &self.windows[partition];
        let mut jobs = vec![window.recv().await?];
        while jobs.len() < max.get()
            // `unconstrained`: Tokio would end a batch early, although messages are ready.
            && let Some(Some(job)) = unconstrained(window.recv()).now_or_never()
        {
            jobs.push(job);
        }
        Some(jobs)
    }

    fn delivery(&self, delivered: Delivered) -> Delivery {
        let Delivered { message, ticket } = delivered;
        let queue = self.this.upgrade().expect("the caller has a handle");
        Delivery { message, deliveries: ticket.deliveries, token: ticket.token(), queue }
    }
}

#[async_trait]
impl Queue for EmbeddedQueue {
    async fn publish(
        &self,
        messages: Vec<Message>,
    ) -> Vec<Result<Receipt, PublishError>> {
        let (queue, count) = (self.key, messages.len());
        let publish = |reply| {
            Command::Write(Write::Publish { queue, messages, reply: Some(reply) })
        };
        match self.commands.ask(publish).await {
            Ok(results) => results,
            // The task has ended before it answered, perhaps after its commit.
            Err(error) => {
                let unknown = || Err(PublishError::Unknown(error.to_string()));
                std::iter::repeat_with(unknown).take(count).collect()
            }
        }
    }

    async fn publish_and_forget(&self, message: Message) -> Result<(), PublishError> {
        message.check(MAX_BODY)?;
        let (queue, messages) = (self.key, vec![message]);
        let publish = Command::Write(Write::Publish { queue, messages, reply: None });
        let sent = self.commands.send(publish).await;
        sent.map_err(|error| PublishError::Refused(error.to_string()))
    }

    async fn receive(
        &self,
        partition: usize,
        max: NonZeroUsize,
    ) -> Result<Vec<Delivery>, BrokerError> {
        let (queue, partitions) = (self.key, self.windows.len());
        assert!(partition < partitions, "partition {partition} of {partitions}");
        loop {
            let jobs = self.wait(partition, max).await.ok_or(Failure::Removed)?;
            let deliver = |reply| Command::Write(Write::Deliver { queue, jobs, reply });
            let delivered = self.commands.ask(deliver).await??;
            // None, if all of them became dead letters, or were acknowledged late.
            if !delivered.is_empty() {
                return Ok(delivered.into_iter().map(|d| self.delivery(d)).collect());
            }
        }
    }

    async fn settle(
        &self,
        tokens: &[Token],
        how: Settle,
    ) -> Vec<Result<(), BrokerError>> {
        let (queue, count) = (self.key, tokens.len());
        // A token of another broker names no message here.
        let tickets = tokens.iter().filter_map(Ticket::parse).collect();
        let settle = |reply| Command::Write(Write::Settle { queue, tickets, how, reply });
        let settled = match self.commands.ask(settle).await {
            Ok(settled) => settled,
            Err(error) => Err(Failure::Unknown(error.to_string())),
        };
        let result = || settled.clone().map_err(BrokerError::from);
        std::iter::repeat_with(result).take(count).collect()
    }

    async fn status(&self) -> Result<Status, BrokerError> {
        let queue = self.key;
        self.commands.ask(|reply| Command::Status { queue, reply }).await?
    }

    async fn dead_letters(&self) -> Result<Vec<Message>, BrokerError> {
        let queue = self.key;
        self.commands.ask(|reply| Command::DeadLetters { queue, reply }).await?
    }
}

pub(super) struct EmbeddedLog {
    key: Key,
    commands: Commands,
}

impl EmbeddedLog {
    pub(super) fn new(key: Key, commands: Commands) -> Self {
        Self { key, commands }
    }
}

#[async_trait]
impl Log for EmbeddedLog {
    async fn append(&self, after: u64, body: Bytes) -> Result<u64, AppendError> {
        let log = self.key;
        let append = |reply| Command::Write(Write::Append { log, after, body, reply });
        self.commands.ask(append).await?
    }

    async fn read(&self, after: u64, max: usize) -> Result<Vec<Entry>, BrokerError> {
        let log = self.key;
        self.commands.ask(|reply| Command::Read { log, after, max, reply }).await?
    }
}
