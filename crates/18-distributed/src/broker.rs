//! Several programs can use one server, because each works in its own namespace.

use std::{fmt, sync::Arc};

use async_trait::async_trait;

use crate::{BrokerError, Log, Queue, Settings};

/// What keeps the queues and logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// This process: the kit's `WorkQueue`, with a journal in SQLite or in memory.
    Embedded,
    /// A PostgreSQL server, which several processes share.
    Postgres,
    /// A NATS server with JetStream, which several processes share.
    JetStream,
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Embedded => "the embedded queue",
            Self::Postgres => "PostgreSQL",
            Self::JetStream => "NATS JetStream",
        })
    }
}

/// The queues and logs of one namespace.
#[async_trait]
pub trait Broker: Send + Sync + 'static {
    /// What kind of broker it is.
    fn form(&self) -> Form;

    /// Opens the queue of this name, and creates it if it does not exist. A name has 1 to 32 ASCII
    /// letters, digits, `-` and `_`.
    ///
    /// Every process must open a queue with the same settings.
    ///
    /// # Errors
    ///
    /// [`BrokerError::Name`], [`BrokerError::Settings`], or that the broker cannot be reached.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: an empty queue that was created by then remains.
    async fn queue(
        &self,
        name: &str,
        settings: Settings,
    ) -> Result<Arc<dyn Queue>, BrokerError>;

    /// Opens the log of this name, and creates it if it does not exist. A name is like that of a queue.
    ///
    /// # Errors
    ///
    /// [`BrokerError::Name`], or that the broker cannot be reached.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: an empty log that was created by then remains.
    async fn log(&self, name: &str) -> Result<Arc<dyn Log>, BrokerError>;

    /// Removes every queue and log of the namespace, with all they hold.
    ///
    /// # Errors
    ///
    /// [`BrokerError`] if the broker cannot be reached.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: a dropped call may have removed only some of the queues and logs. Call it again.
    async fn remove(&self) -> Result<(), BrokerError>;
}

/// Refuses a queue that a broker could not create, or from which no message could be delivered.
pub(crate) fn check_queue(name: &str, settings: &Settings) -> Result<(), BrokerError> {
    check_name(name)?;
    settings.check()
}

/// Refuses the name of a queue or log that a broker could not use in a subject or in SQL.
pub(crate) fn check_name(name: &str) -> Result<(), BrokerError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if (1..=32).contains(&name.len()) && name.chars().all(is_plain) {
        return Ok(());
    }
    Err(BrokerError::Name(name.to_owned()))
}
