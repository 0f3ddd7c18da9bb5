//! One task owns all queues of a process, so a message is in the journal and in its queue, or in neither.
//!
//! Callers send it commands. It commits everything that waits in its channel in one transaction, then
//! changes the queues in memory, and only then answers. A dropped call changes nothing about that order.
//! The wait for a message is the kit's [`WorkQueue`](async_kit::WorkQueue), one for each partition.

mod answer;
mod change;
mod command;
mod failure;
mod handles;
mod journal;
mod keeper;
mod log_state;
mod partition;
mod queue_state;
mod recent_ids;
mod state;
mod store;

#[cfg(not(target_family = "wasm"))]
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::mpsc;

use self::{
    change::Seq,
    command::{Command, Commands},
    handles::{EmbeddedLog, EmbeddedQueue},
    keeper::Keeper,
    store::Store,
};
use crate::{
    Broker, BrokerError, Form, Log, Queue, Settings,
    broker::{check_name, check_queue},
};

/// How many commands may wait. Arbitrary: many more than make a transaction efficient.
const MOST_WAITING: usize = 1_000;

/// The queues and logs of one process: in memory, or with a journal in a folder.
///
/// In memory everything is in Tokio's time, so it also runs in virtual time. A broker with a journal
/// holds all messages in memory as well, and reads the journal only when a queue or log is opened.
///
/// It ends with the last handle: the broker itself, its queues, logs and deliveries.
#[derive(Debug)]
pub struct Embedded {
    commands: Commands,
}

impl Embedded {
    /// A broker whose queues and logs end with it.
    ///
    /// # Panics
    ///
    /// Panics outside a Tokio runtime. The runtime needs time enabled.
    #[must_use]
    pub fn in_memory() -> Arc<Self> {
        Self::start(Store::Memory, 1)
    }

    /// A broker whose queues and logs are in a journal in this folder, which is created if it does not
    /// exist. The journal is an SQLite database.
    ///
    /// One process at a time can have a folder open. If another one has it, this waits for 1 s, because
    /// that process may be about to end.
    ///
    /// What is acknowledged survives the end of this process, also by `kill -9`. After a power failure
    /// the last commits may be lost, because a commit does not wait for the disk (`synchronous` is
    /// `NORMAL`). After a restart no delay of [`Settle::Nak`](crate::Settle::Nak) and no `ack_wait`
    /// continues: every message can be received immediately, because all workers have ended too.
    ///
    /// # Errors
    ///
    /// [`BrokerError::Connection`] if another process has the folder open, or the journal cannot be
    /// created or read.
    ///
    /// # Panics
    ///
    /// Panics outside a Tokio runtime. The runtime needs time enabled.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: an empty journal that was created by then remains.
    #[cfg(not(target_family = "wasm"))]
    pub async fn open(folder: impl AsRef<Path> + Send) -> Result<Arc<Self>, BrokerError> {
        let mut journal = journal::Journal::open(folder.as_ref()).await?;
        let next_seq = journal.next_seq().await?;
        Ok(Self::start(Store::Journal(Box::new(journal)), next_seq))
    }

    fn start(store: Store, next_seq: Seq) -> Arc<Self> {
        let (sender, receiver) = mpsc::channel(MOST_WAITING);
        tokio::spawn(Keeper::new(receiver, store, next_seq).run());
        Arc::new(Self { commands: Commands(sender) })
    }
}

#[async_trait]
impl Broker for Embedded {
    fn form(&self) -> Form {
        Form::Embedded
    }

    async fn queue(
        &self,
        name: &str,
        settings: Settings,
    ) -> Result<Arc<dyn Queue>, BrokerError> {
        check_queue(name, &settings)?;
        let name = name.to_owned();
        let opened =
            self.commands.ask(|reply| Command::OpenQueue { name, settings, reply });
        let (key, windows) = opened.await??;
        Ok(EmbeddedQueue::new(key, windows, self.commands.clone()))
    }

    async fn log(&self, name: &str) -> Result<Arc<dyn Log>, BrokerError> {
        check_name(name)?;
        let name = name.to_owned();
        let opened = self.commands.ask(|reply| Command::OpenLog { name, reply });
        Ok(Arc::new(EmbeddedLog::new(opened.await??, self.commands.clone())))
    }

    async fn remove(&self) -> Result<(), BrokerError> {
        self.commands.ask(|reply| Command::Remove { reply }).await?
    }
}

#[cfg(test)]
mod tests;
