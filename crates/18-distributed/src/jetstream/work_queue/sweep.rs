//! After a server was killed, no removed message takes a slot, and each new message is delivered.

use std::{collections::HashSet, sync::Arc};

use async_nats::jetstream::consumer;
use futures::future::try_join_all;
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use super::WorkQueueStream;
use crate::{
    BrokerError, Settle,
    jetstream::{
        connection::Connection, failure::ApiError, publishing::WINDOW, settling::settle,
    },
};

/// What the server answers to the question for the numbers of the messages in a stream.
#[derive(Deserialize)]
struct StreamNumbers {
    state: Numbers,
}

#[derive(Deserialize)]
struct Numbers {
    first_seq: u64,
    last_seq: u64,
    /// Those in between that it does not have any more.
    #[serde(default)]
    deleted: Vec<u64>,
}

impl WorkQueueStream {
    /// Prepares the queue for a new connection, before which the server may have been killed.
    pub(in crate::jetstream) async fn prepare(
        &self,
        connection: &Connection,
    ) -> Result<(), ApiError> {
        let mut prepared = self.prepared.lock().await;
        if *prepared != connection.number {
            self.sweep().await?;
            *prepared = connection.number;
        }
        Ok(())
    }

    pub(super) async fn prepared_connection(
        &self,
        deadline: Instant,
    ) -> Result<Arc<Connection>, BrokerError> {
        let connection = self.link.connection(deadline).await?;
        match self.prepare(&connection).await {
            // No message can get a number that has to be skipped, as long as none can be stored. It is tried
            // again by the next operation.
            Err(error) if error.is_queue_full() => Ok(connection),
            prepared => Ok(prepared.map(|()| connection)?),
        }
    }

    /// Repairs what a killed server leaves behind, because it writes the state of a stream and the states of
    /// its consumers at different moments.
    ///
    /// - An acknowledged message is in the stream again. No worker gets it, but it would take one of
    ///   `max_messages` forever.
    /// - A message that was removed counts as in flight again. It would take one of `max_ack_pending` forever.
    /// - If the last messages were removed, the stream may give their numbers to new ones. A consumer has
    ///   delivered those numbers, so no worker would ever get the new messages.
    pub(super) async fn sweep(&self) -> Result<(), ApiError> {
        let partitions = 0..self.settings.partitions;
        let infos = partitions.map(|partition| self.consumer_info(partition));
        let infos = try_join_all(infos).await?;
        let what = format!("STREAM.INFO.{}", self.stream);
        let details = json!({ "deleted_details": true });
        let StreamNumbers { state } = self.link.ask(what, &details).await?;
        for (partition, info) in infos.iter().enumerate() {
            let done = info.ack_floor.stream_sequence.min(state.last_seq);
            self.delete_up_to(done, &self.partition_subject(partition)).await?;
            if info.num_ack_pending > 0 {
                self.acknowledge_removed(partition, info, &state).await;
            }
        }
        // Of a process that was killed while it skipped numbers, or of another program.
        self.delete_up_to(state.last_seq, &self.skipped_subject()).await?;
        let delivered = infos.iter().map(|info| info.delivered.stream_sequence).max();
        self.skip_numbers(state.last_seq, delivered.unwrap_or_default()).await
    }

    /// Not with one `STREAM.PURGE` up to the last of them: with nats-server 2.9.10, that makes the consumer
    /// forget every message in flight, also those behind it. They would never be delivered again.
    async fn delete_up_to(&self, done: u64, subject: &str) -> Result<(), ApiError> {
        let mut next = 1;
        while next <= done {
            let first = self.link.first_stored(&self.stream, subject, next).await?;
            let Some(first) = first.filter(|sequence| *sequence <= done) else { break };
            self.link.delete(&self.stream, first).await?;
            next = first + 1;
        }
        Ok(())
    }

    async fn acknowledge_removed(
        &self,
        partition: usize,
        info: &consumer::Info,
        state: &Numbers,
    ) {
        let deleted: HashSet<_> = state.deleted.iter().collect();
        let is_removed = |sequence: &u64| {
            !(state.first_seq..=state.last_seq).contains(sequence)
                || deleted.contains(sequence)
        };
        let delivered =
            info.ack_floor.stream_sequence + 1..=info.delivered.stream_sequence;
        let token = |sequence| self.token(partition, sequence);
        let removed: Vec<_> = delivered.filter(is_removed).map(token).collect();
        for some in removed.chunks(WINDOW) {
            let some: Vec<_> = some.iter().collect();
            settle(&self.link, &self.stream, &some, Settle::Ack).await;
        }
    }

    /// Stores and removes messages for no worker, until the next number is one that was never delivered.
    async fn skip_numbers(&self, last: u64, delivered: u64) -> Result<(), ApiError> {
        if last >= delivered {
            return Ok(());
        }
        let subject = self.skipped_subject();
        for _ in last..delivered {
            let skipped = self.link.store_empty(&subject).await?;
            self.link.delete(&self.stream, skipped).await?;
        }
        Ok(())
    }
}
