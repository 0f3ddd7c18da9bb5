//! A message that no client can read becomes a dead letter after it has broken one connection.

use tokio::time::Instant;

use super::WorkQueueStream;
use crate::{
    BrokerError, Settle,
    jetstream::{connection::Connection, settling::settle},
};

impl WorkQueueStream {
    /// A connection broke while it received. If the server is still the same, perhaps a message has broken
    /// it, and would break the next ones, once in each `ack_wait`.
    pub(super) async fn look_for_undeliverable(
        &self,
        partition: usize,
        broken: &Connection,
        deadline: Instant,
    ) {
        let Ok(connection) = self.prepared_connection(deadline).await else { return };
        if connection.has_server_of(broken) {
            // If that fails, the message breaks another connection, and this is tried again.
            self.move_undeliverable(partition).await.ok();
        }
    }

    /// Makes dead letters of the messages in flight whose headers the client cannot read.
    async fn move_undeliverable(&self, partition: usize) -> Result<(), BrokerError> {
        let info = self.consumer_info(partition).await?;
        let subject = self.partition_subject(partition);
        let mut next = info.ack_floor.stream_sequence + 1;
        while next <= info.delivered.stream_sequence
            && let Some(stored) =
                self.link.next_stored(&self.stream, &subject, next).await?
        {
            let message = stored.message;
            next = message.sequence + 1;
            if !stored.is_deliverable {
                let (headers, body) = (message.headers, message.payload);
                self.dead.store(&self.link, message.sequence, headers, body).await?;
                let token = self.token(partition, message.sequence);
                settle(&self.link, &self.stream, &[&token], Settle::Ack).await;
            }
        }
        Ok(())
    }
}
