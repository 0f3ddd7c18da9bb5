//! A message that was acknowledged to its publisher is delivered until a worker acknowledges it.

use std::{fmt, num::NonZeroUsize, sync::Arc, time::Duration};

use async_trait::async_trait;

use crate::{BrokerError, Message, PublishError};

/// What the broker returns for a message that is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Whether a message with the same id was already stored, so that this one was not.
    pub duplicate: bool,
}

/// What identifies a delivery for its broker.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Token(pub(crate) String);

/// What becomes of a delivered message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settle {
    /// It is done, and the broker removes it.
    Ack,
    /// It is delivered again after this time. A time longer than 365 days counts as 365 days.
    Nak(Duration),
    /// Its worker is still busy: the time until the next delivery begins again.
    InProgress,
    /// It becomes a dead letter immediately.
    Term,
}

/// The numbers of a queue at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Messages that wait for a worker, those that wait for another delivery included. It is the lag.
    pub waiting: usize,
    /// Messages that are delivered and not yet settled.
    pub in_flight: usize,
    /// Messages, waiting or in flight, that were delivered more than once.
    pub redelivered: usize,
    /// Dead letters.
    pub dead: usize,
}

/// A queue that several processes share, and that outlives each of them.
///
/// The kit's `WorkQueue` makes the same promise within one process: an item that a worker does not
/// finish is delivered again. There, a dropped job returns immediately. Here the broker does not see that
/// a process dies, so its message returns after [`ack_wait`](crate::Settings::ack_wait).
///
/// It delivers *at least once*: a worker that dies between its effect and its acknowledgement leaves a
/// message that is delivered again. So effects must be idempotent.
#[async_trait]
pub trait Queue: Send + Sync + 'static {
    /// Publishes messages in this order, and returns for each whether it is stored. Messages of one
    /// partition are delivered in the order in which they were stored.
    ///
    /// A stored message survives a `kill -9` of every process, and of the broker if it keeps its store.
    ///
    /// # Errors
    ///
    /// Each message has its own [`PublishError`]. Those before and behind it may be stored.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: each message of a dropped call is stored or not. Publish it again with its id.
    async fn publish(&self, messages: Vec<Message>)
    -> Vec<Result<Receipt, PublishError>>;

    /// Sends a message without waiting until it is stored. It is lost if the broker refuses it, if the
    /// connection breaks, or if this process ends before it was sent.
    ///
    /// # Errors
    ///
    /// [`PublishError`] if this process can find the error without the broker.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the message of a dropped call is sent or not.
    async fn publish_and_forget(&self, message: Message) -> Result<(), PublishError>;

    /// Receives at least one message of a partition, and at most `max` of those that are ready. If none
    /// is ready, waits.
    ///
    /// # Errors
    ///
    /// [`BrokerError`] if the broker cannot be asked.
    ///
    /// # Panics
    ///
    /// Panics if there is no such partition.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost: a message that was delivered to a dropped call is delivered again after
    /// `ack_wait`, and the dropped call counts as a delivery.
    async fn receive(
        &self,
        partition: usize,
        max: NonZeroUsize,
    ) -> Result<Vec<Delivery>, BrokerError>;

    /// Settles deliveries, and returns for each whether the broker has confirmed it.
    ///
    /// A late acknowledgement counts: the message was delivered again, but if it is not yet removed, it
    /// is removed now. Settling a message that is already removed changes nothing, and is no error.
    ///
    /// # Errors
    ///
    /// [`BrokerError`] for each that is not confirmed; the message may then be delivered again.
    ///
    /// # Cancel safety
    ///
    /// Each delivery of a dropped call is settled or not.
    async fn settle(&self, tokens: &[Token], how: Settle)
    -> Vec<Result<(), BrokerError>>;

    /// The numbers of the queue. They are of one moment, and other processes change them.
    ///
    /// # Errors
    ///
    /// [`BrokerError`] if the broker cannot be asked.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it changes nothing.
    async fn status(&self) -> Result<Status, BrokerError>;

    /// The messages that are dead letters, in the order in which they became dead letters. They remain
    /// in the queue.
    ///
    /// # Errors
    ///
    /// [`BrokerError`] if the broker cannot be asked.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it changes nothing.
    async fn dead_letters(&self) -> Result<Vec<Message>, BrokerError>;
}

impl dyn Queue {
    /// Publishes one message; see [`Queue::publish`].
    ///
    /// # Errors
    ///
    /// [`PublishError`]; only after [`PublishError::Unknown`] may the message be stored.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the message of a dropped call is stored or not. Publish it again with its id.
    pub async fn publish_one(&self, message: Message) -> Result<Receipt, PublishError> {
        let receipts = self.publish(vec![message]).await;
        receipts.into_iter().next().expect("one message has one result")
    }

    /// Receives one message of partition 0; see [`Queue::receive`].
    ///
    /// # Errors
    ///
    /// [`BrokerError`] if the broker cannot be asked.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost, as with [`Queue::receive`].
    pub async fn receive_one(&self) -> Result<Delivery, BrokerError> {
        let received = self.receive(0, NonZeroUsize::MIN).await?;
        Ok(received.into_iter().next().expect("at least one message"))
    }
}

/// A message that a worker holds. If it is dropped, nothing happens until `ack_wait` has passed.
#[must_use = "a delivery that is not settled is delivered again after `ack_wait`"]
pub struct Delivery {
    /// The message.
    pub message: Message,
    /// How many times it was delivered, this time included: 1 or more.
    pub deliveries: u32,
    /// What identifies it in [`Queue::settle`].
    pub token: Token,
    pub(crate) queue: Arc<dyn Queue>,
}

impl Delivery {
    /// Confirms that the work is done.
    ///
    /// # Errors
    ///
    /// [`BrokerError`]; the message may then be delivered again.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the delivery of a dropped call is settled or not.
    pub async fn ack(self) -> Result<(), BrokerError> {
        self.settle(Settle::Ack).await
    }

    /// Returns the message to the queue, for another delivery after `delay`.
    ///
    /// # Errors
    ///
    /// [`BrokerError`]; the message is then delivered again after `ack_wait`.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the delivery of a dropped call is settled or not.
    pub async fn nak(self, delay: Duration) -> Result<(), BrokerError> {
        self.settle(Settle::Nak(delay)).await
    }

    /// Reports that the work is still running: `ack_wait` begins again.
    ///
    /// # Errors
    ///
    /// [`BrokerError`]; another worker may then get the message.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: call it again. The report of a dropped call may have arrived.
    pub async fn in_progress(&self) -> Result<(), BrokerError> {
        self.settle(Settle::InProgress).await
    }

    /// Makes the message a dead letter, because no worker could process it.
    ///
    /// # Errors
    ///
    /// [`BrokerError`]; the message is then delivered again after `ack_wait`.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the delivery of a dropped call is settled or not.
    pub async fn term(self) -> Result<(), BrokerError> {
        self.settle(Settle::Term).await
    }

    pub(crate) async fn settle(&self, how: Settle) -> Result<(), BrokerError> {
        let settled = self.queue.settle(std::slice::from_ref(&self.token), how).await;
        settled.into_iter().next().expect("one delivery has one result")
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("message", &self.message)
            .field("deliveries", &self.deliveries)
            .finish_non_exhaustive()
    }
}
