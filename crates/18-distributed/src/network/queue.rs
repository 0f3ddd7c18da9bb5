//! A repeated receive is two receives, and the worker gets the answer to one of them.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Weak},
};

use async_trait::async_trait;
use tokio::time::timeout;

use super::Connection;
use crate::{
    BrokerError, Delivery, Message, PublishError, Queue, Receipt, Settle, Status, Token,
};

/// For how many timeouts the broker keeps a receive, before it answers that there is no message.
/// Arbitrary: the fewer, the more packets an idle worker sends; the more, the later it notices a lost one.
const KEPT: u32 = 5;

/// A queue on the other side of a link.
pub(super) struct RemoteQueue {
    connection: Connection,
    queue: Arc<dyn Queue>,
    /// Itself: a delivery keeps the queue through which it is settled.
    this: Weak<Self>,
}

impl RemoteQueue {
    pub(super) fn new(connection: Connection, queue: Arc<dyn Queue>) -> Arc<Self> {
        Arc::new_cyclic(|this| Self { connection, queue, this: this.clone() })
    }

    fn this(&self) -> Arc<dyn Queue> {
        self.this.upgrade().expect("it is in use")
    }
}

#[async_trait]
impl Queue for RemoteQueue {
    async fn publish(
        &self,
        messages: Vec<Message>,
    ) -> Vec<Result<Receipt, PublishError>> {
        let count = messages.len();
        let request = (Arc::clone(&self.queue), messages);
        let receipts = self.connection.call(request, |(queue, messages)| async move {
            queue.publish(messages).await
        });
        let receipts = receipts.await;
        receipts.unwrap_or_else(|error| {
            each(count, || Err(PublishError::Unknown(error.to_string())))
        })
    }

    async fn publish_and_forget(&self, message: Message) -> Result<(), PublishError> {
        let request = (Arc::clone(&self.queue), message);
        drop(self.connection.send(request, |(queue, message)| async move {
            queue.publish_and_forget(message).await
        }));
        Ok(())
    }

    async fn receive(
        &self,
        partition: usize,
        max: NonZeroUsize,
    ) -> Result<Vec<Delivery>, BrokerError> {
        let limit = KEPT * self.connection.timeout;
        let timeout_with_answer = limit + self.connection.timeout;
        let connection =
            Connection { timeout: timeout_with_answer, ..self.connection.clone() };
        loop {
            // The broker answers within a time that there is no message, so that its silence is a fault.
            let request = Arc::clone(&self.queue);
            let received = connection.call(request, move |queue| async move {
                timeout(limit, queue.receive(partition, max)).await.ok()
            });
            if let Some(received) = received.await? {
                let mine = |one| Delivery { queue: self.this(), ..one };
                return Ok(received?.into_iter().map(mine).collect());
            }
        }
    }

    async fn settle(
        &self,
        tokens: &[Token],
        how: Settle,
    ) -> Vec<Result<(), BrokerError>> {
        let request = (Arc::clone(&self.queue), tokens.to_vec());
        let settled = self.connection.call(request, move |(queue, tokens)| async move {
            queue.settle(&tokens, how).await
        });
        settled.await.unwrap_or_else(|error| {
            each(tokens.len(), || Err(BrokerError::Connection(error.to_string())))
        })
    }

    async fn status(&self) -> Result<Status, BrokerError> {
        let request = Arc::clone(&self.queue);
        self.connection.call(request, |queue| async move { queue.status().await }).await?
    }

    async fn dead_letters(&self) -> Result<Vec<Message>, BrokerError> {
        let request = Arc::clone(&self.queue);
        let dead = |queue: Arc<dyn Queue>| async move { queue.dead_letters().await };
        self.connection.call(request, dead).await?
    }
}

/// The same result for each of this many messages.
fn each<T>(count: usize, result: impl Fn() -> T) -> Vec<T> {
    std::iter::repeat_with(result).take(count).collect()
}
