//! If the answer to an append is lost, only the log itself shows whether it was stored.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use super::{Connection, NoAnswer};
use crate::{AppendError, BrokerError, Entry, Log};

/// A log on the other side of a link.
pub(super) struct RemoteLog {
    connection: Connection,
    log: Arc<dyn Log>,
}

impl RemoteLog {
    pub(super) fn new(connection: Connection, log: Arc<dyn Log>) -> Self {
        Self { connection, log }
    }
}

#[async_trait]
impl Log for RemoteLog {
    async fn append(&self, after: u64, body: Bytes) -> Result<u64, AppendError> {
        // A repeated append is not what the trait promises: its second copy would conflict with the first.
        let connection = Connection { may_repeat: false, ..self.connection.clone() };
        let request = (Arc::clone(&self.log), body);
        let appended = connection.call(request, move |(log, body)| async move {
            log.append(after, body).await
        });
        appended.await.map_err(BrokerError::from)?
    }

    async fn read(&self, after: u64, max: usize) -> Result<Vec<Entry>, BrokerError> {
        let request = Arc::clone(&self.log);
        let read = move |log: Arc<dyn Log>| async move { log.read(after, max).await };
        self.connection.call(request, read).await?
    }
}

impl From<NoAnswer> for BrokerError {
    fn from(error: NoAnswer) -> Self {
        Self::Connection(error.to_string())
    }
}
