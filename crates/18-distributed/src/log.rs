//! A process that is no longer the owner of a history cannot continue it: its append fails.

use async_trait::async_trait;
use bytes::Bytes;

use crate::{AppendError, BrokerError};

/// One entry of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number, from 1, without gaps.
    pub number: u64,
    /// Its content.
    pub body: Bytes,
}

/// A history to which processes append, and that any process can read from its beginning.
///
/// In a process a `Mutex` decides which task may change a state. Between processes a lock can expire while its
/// holder is stopped and does not notice. Here each append names the entry that it follows, so that
/// only one of two owners succeeds.
#[async_trait]
pub trait Log: Send + Sync + 'static {
    /// Appends an entry after entry `after`, 0 for an empty log, and returns its number once it is
    /// stored. A second attempt after [`AppendError::Broker`] is safe: if the first was stored after
    /// all, the second fails with [`AppendError::Conflict`].
    ///
    /// # Errors
    ///
    /// [`AppendError`].
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: a dropped call has appended the entry or not. Read the log to find out.
    async fn append(&self, after: u64, body: Bytes) -> Result<u64, AppendError>;

    /// Reads entries after entry `after`, at most `max`, in their order. It returns an empty list at the
    /// end of the log, and does not wait for more.
    ///
    /// # Errors
    ///
    /// [`BrokerError`] if the broker cannot be asked.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it changes nothing.
    async fn read(&self, after: u64, max: usize) -> Result<Vec<Entry>, BrokerError>;
}
