//! Each batch is stored in one transaction, so a thousand messages wait for the disk only a few times.

use std::{collections::HashSet, mem, sync::Arc};

use sqlx::query_scalar;
use tokio::sync::mpsc;

use super::{Shared, database::Repeatable, failure::Failure, int};
use crate::{MAX_BODY, Message, PublishError, Receipt, Settings};

/// How many messages one statement stores: more would make each hardly cheaper.
const MOST: usize = 256;
/// How many bytes one statement stores, if it is more than one message. Arbitrary.
const MOST_BYTES: usize = 8 * MAX_BODY;

/// The outcomes in the order of the messages.
const PUBLISH: &str =
    "SELECT outcome FROM publish($1, $2, $3, $4, $5, $6, $7) ORDER BY nth";

#[derive(Clone)]
pub(super) struct Publisher {
    pub(super) shared: Arc<Shared>,
    pub(super) queue: i32,
    pub(super) settings: Settings,
}

impl Publisher {
    pub(super) async fn publish(
        &self,
        messages: &[Message],
    ) -> Vec<Result<Receipt, PublishError>> {
        let mut outcomes = Vec::with_capacity(messages.len());
        let mut away = None;
        for batch in batches(messages) {
            let batch = match batch {
                Ok(batch) => batch,
                Err(invalid) => {
                    outcomes.push(Err(invalid));
                    continue;
                }
            };
            // The server was away for the whole time limit: the next batch does not wait again.
            let stored = match away.take() {
                Some(failure) => Err(failure),
                None => self.store(batch).await,
            };
            match stored {
                Ok(stored) => outcomes.extend(stored.iter().map(|o| self.receipt(o))),
                Err(failure) => {
                    outcomes.extend(batch.iter().map(|_| Err(failure.publish_error())));
                    away = matches!(failure, Failure::Away(_)).then_some(failure);
                }
            }
        }
        outcomes
    }

    async fn store(&self, batch: &[Message]) -> Result<Vec<String>, Failure> {
        // Without an id, a message whose answer was lost would be stored a second time.
        let all_have_ids = batch.iter().all(|message| message.id.is_some());
        let repeatable = if all_have_ids { Repeatable::Yes } else { Repeatable::No };
        let ids: Vec<_> = batch.iter().map(|message| message.id.as_deref()).collect();
        let keys: Vec<_> = batch.iter().map(|message| message.key.as_deref()).collect();
        let partition =
            |message: &Message| int(message.partition(self.settings.partitions));
        let partitions: Vec<_> = batch.iter().map(partition).collect();
        let bodies: Vec<_> = batch.iter().map(|message| &*message.body).collect();
        let publish = self.shared.database.execute(repeatable, async |mut connection| {
            let publish = query_scalar::<_, String>(PUBLISH)
                .bind(self.queue)
                .bind(&ids)
                .bind(&keys)
                .bind(&partitions)
                .bind(&bodies)
                .bind(self.settings.dedup_window)
                .bind(self.settings.max_messages.map(int));
            publish.fetch_all(&mut *connection).await
        });
        publish.await
    }

    fn receipt(&self, outcome: &str) -> Result<Receipt, PublishError> {
        match (outcome, self.settings.max_messages) {
            ("full", Some(limit)) => Err(PublishError::Full(limit)),
            (outcome, _) => Ok(Receipt { duplicate: outcome == "duplicate" }),
        }
    }

    /// A channel for messages that are published without an answer. Its task ends when the sender is
    /// dropped and everything in the channel is published.
    pub(super) fn unconfirmed(self) -> mpsc::Sender<Message> {
        let (sender, mut messages) = mpsc::channel(MOST);
        tokio::spawn(async move {
            let mut batch = Vec::new();
            while messages.recv_many(&mut batch, MOST).await > 0 {
                for outcome in self.publish(&mem::take(&mut batch)).await {
                    if let Err(error) = outcome {
                        tracing::debug!(%error, "a message without confirmation is lost");
                    }
                }
            }
        });
        sender
    }
}

/// Divides messages into batches for one statement each. Within a batch no id is repeated, so the second
/// message with an id finds the first one in the database. An invalid message ends a batch.
fn batches(
    mut rest: &[Message],
) -> impl Iterator<Item = Result<&[Message], PublishError>> {
    std::iter::from_fn(move || {
        let first = rest.first()?;
        let size = match first.check(MAX_BODY) {
            Ok(()) => batch_size(rest),
            Err(invalid) => {
                rest = &rest[1..];
                return Some(Err(invalid));
            }
        };
        let (batch, others) = rest.split_at(size);
        rest = others;
        Some(Ok(batch))
    })
}

fn batch_size(messages: &[Message]) -> usize {
    let (mut ids, mut bytes) = (HashSet::new(), 0);
    let fits = |message: &&Message| {
        bytes += message.body.len();
        bytes <= MOST_BYTES
            && message.check(MAX_BODY).is_ok()
            && message.id.as_ref().is_none_or(|id| ids.insert(id.clone()))
    };
    messages.iter().take(MOST).take_while(fits).count()
}
