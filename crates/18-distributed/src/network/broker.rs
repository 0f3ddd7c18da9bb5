//! A client names a queue without asking the broker for it, as it does with a URL: only calls are packets.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Connection, log::RemoteLog, queue::RemoteQueue};
use crate::{Broker, BrokerError, Form, Log, Queue, Settings};

/// A broker on the other side of a link.
pub(super) struct RemoteBroker(pub(super) Connection);

#[async_trait]
impl Broker for RemoteBroker {
    fn form(&self) -> Form {
        self.0.network.broker.form()
    }

    async fn queue(
        &self,
        name: &str,
        settings: Settings,
    ) -> Result<Arc<dyn Queue>, BrokerError> {
        let queue = self.0.network.broker.queue(name, settings).await?;
        Ok(RemoteQueue::new(self.0.clone(), queue))
    }

    async fn log(&self, name: &str) -> Result<Arc<dyn Log>, BrokerError> {
        let log = self.0.network.broker.log(name).await?;
        Ok(Arc::new(RemoteLog::new(self.0.clone(), log)))
    }

    async fn remove(&self) -> Result<(), BrokerError> {
        self.0.network.broker.remove().await
    }
}
