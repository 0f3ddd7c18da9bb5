//! A queue is a stream; a message leaves it when a worker acknowledges it, or as a dead letter.

mod partitions;
mod storing;
mod sweep;
mod undeliverable;

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, Weak},
};

use async_trait::async_trait;
use futures::future::try_join_all;
use tokio::time::{Instant, sleep};

use super::{
    dead_letters::DeadLetters,
    failure::{Failed, REMOVED},
    link::{Link, PAUSE},
    publishing::{ID, Outgoing, read},
    pull::pull,
    settling::{Held, sequence, settle},
};
use crate::{
    BrokerError, Delivery, Message, PublishError, Queue, Receipt, Settings, Settle,
    Status, Token,
};

pub(super) struct WorkQueueStream {
    link: Arc<Link>,
    stream: String,
    /// The subjects of the partitions, without their numbers.
    subject: String,
    dead: DeadLetters,
    settings: Settings,
    /// The number of the connection for which the stream was swept; see [`sweep`](Self::sweep).
    prepared: tokio::sync::Mutex<u64>,
    /// When it was last swept because it was full.
    last_sweep: Mutex<Option<Instant>>,
    /// For the deliveries, which settle themselves.
    this: Weak<Self>,
}

impl WorkQueueStream {
    pub(super) async fn open(
        link: Arc<Link>,
        space: &str,
        name: &str,
        settings: Settings,
    ) -> Result<Arc<Self>, BrokerError> {
        let dead = DeadLetters::open(&link, space, name).await?;
        let new = |this: &Weak<Self>| Self {
            link,
            stream: format!("{space}+queue+{name}"),
            subject: format!("{space}.queue.{name}"),
            dead,
            settings,
            prepared: tokio::sync::Mutex::new(0),
            last_sweep: Mutex::new(None),
            this: this.clone(),
        };
        let queue = Arc::new_cyclic(new);
        queue.create_stream().await?;
        queue.link.wait_until_ready(&queue.partition_subject(0)).await?;
        let partitions = 0..queue.settings.partitions;
        try_join_all(partitions.map(|partition| queue.create_consumer(partition)))
            .await?;
        queue.prepared_connection(Instant::now() + queue.link.reconnect_timeout).await?;
        Ok(queue)
    }

    fn outgoing(&self, message: Message) -> Result<Outgoing, PublishError> {
        // The server knows the limit of the size.
        message.check(usize::MAX)?;
        let partition = message.partition(self.settings.partitions);
        Ok(Outgoing::new(self.partition_subject(partition), message))
    }

    /// What a worker gets of a received message. None if it has become a dead letter instead.
    async fn delivery(&self, received: async_nats::Message) -> Option<Delivery> {
        let held = Held::of(&received)?;
        let headers = received.headers.unwrap_or_default();
        if held.deliveries > self.settings.max_deliver {
            // If that fails, it is delivered again after `ack_wait`, and tried again.
            let stored =
                self.dead.store(&self.link, held.sequence, headers, received.payload);
            if stored.await.is_ok() {
                settle(&self.link, &self.stream, &[&held.token], Settle::Ack).await;
            }
            return None;
        }
        Some(Delivery {
            message: read(&headers, ID, received.payload),
            deliveries: held.deliveries,
            token: held.token,
            queue: self.this.upgrade().expect("the caller has a handle"),
        })
    }

    /// Moves the message of a delivery to the dead letters, unless it is already removed.
    async fn move_to_dead_letters(&self, token: &Token) -> Result<(), BrokerError> {
        let Some(sequence) = sequence(token) else { return Ok(()) };
        if let Some(stored) = self.link.stored(&self.stream, sequence).await? {
            let (headers, body) = (stored.message.headers, stored.message.payload);
            self.dead.store(&self.link, sequence, headers, body).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Queue for WorkQueueStream {
    async fn publish(
        &self,
        messages: Vec<Message>,
    ) -> Vec<Result<Receipt, PublishError>> {
        let checked: Vec<_> = messages.into_iter().map(|it| self.outgoing(it)).collect();
        let outgoing: Vec<_> =
            checked.iter().filter_map(|it| it.as_ref().ok()).cloned().collect();
        let mut stored = self.store(&outgoing).await.into_iter();
        let mut result = |checked: Result<Outgoing, _>| match checked {
            Ok(_) => stored.next().expect("each has a result"),
            Err(error) => Err(error),
        };
        checked.into_iter().map(&mut result).collect()
    }

    async fn publish_and_forget(&self, message: Message) -> Result<(), PublishError> {
        let outgoing = self.outgoing(message)?;
        let deadline = Instant::now() + self.link.reconnect_timeout;
        let away = |error: BrokerError| PublishError::Unknown(error.to_string());
        let connection = self.prepared_connection(deadline).await.map_err(away)?;
        outgoing.forget(&connection).await
    }

    async fn receive(
        &self,
        partition: usize,
        max: NonZeroUsize,
    ) -> Result<Vec<Delivery>, BrokerError> {
        assert!(
            partition < self.settings.partitions,
            "there is no partition {partition}"
        );
        // The server would keep a larger request although it can fill no more of it.
        let max = max.get().min(self.settings.max_ack_pending);
        let mut deadline = Instant::now() + self.link.reconnect_timeout;
        loop {
            let connection = self.prepared_connection(deadline).await?;
            let pulled = pull(self, &connection.client, partition, max).await;
            if !connection.is_alive() {
                self.look_for_undeliverable(partition, &connection, deadline).await;
            }
            let why = match pulled {
                Ok(received) => {
                    let mut deliveries = Vec::with_capacity(received.len());
                    for message in received {
                        deliveries.extend(self.delivery(message).await);
                    }
                    if !deliveries.is_empty() {
                        return Ok(deliveries);
                    }
                    deadline = Instant::now() + self.link.reconnect_timeout;
                    continue;
                }
                Err(Failed::Refused(error)) => return Err(error),
                Err(Failed::NoAnswer(why)) => why,
                Err(Failed::NoListener) => "JetStream does not answer".to_owned(),
            };
            if self.link.is_removed(&connection, &self.stream).await {
                return Err(BrokerError::Server(REMOVED.to_owned()));
            }
            if Instant::now() >= deadline {
                return Err(BrokerError::Connection(why));
            }
            sleep(PAUSE).await;
        }
    }

    async fn settle(
        &self,
        tokens: &[Token],
        how: Settle,
    ) -> Vec<Result<(), BrokerError>> {
        if how != Settle::Term {
            let tokens: Vec<_> = tokens.iter().collect();
            return settle(&self.link, &self.stream, &tokens, how).await;
        }
        let mut results = Vec::with_capacity(tokens.len());
        for token in tokens {
            results.push(match self.move_to_dead_letters(token).await {
                Ok(()) => settle(&self.link, &self.stream, &[token], Settle::Ack)
                    .await
                    .pop()
                    .expect("one delivery has one result"),
                Err(error) => Err(error),
            });
        }
        results
    }

    async fn status(&self) -> Result<Status, BrokerError> {
        let partitions = 0..self.settings.partitions;
        let infos =
            try_join_all(partitions.map(|partition| self.consumer_info(partition)))
                .await?;
        let mut status =
            Status { dead: self.dead.count(&self.link).await?, ..Status::default() };
        for info in infos {
            status.waiting += usize::try_from(info.num_pending).unwrap_or(usize::MAX);
            status.in_flight += info.num_ack_pending;
            status.redelivered += info.num_redelivered;
        }
        Ok(status)
    }

    async fn dead_letters(&self) -> Result<Vec<Message>, BrokerError> {
        self.dead.read(&self.link).await
    }
}
