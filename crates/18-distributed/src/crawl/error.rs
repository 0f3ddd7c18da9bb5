//! An error ends the part of one process in a crawl, and never the crawl.

use async_kit::RetryError;

use crate::{AppendError, BrokerError, PublishError};

/// Why a process cannot take part in a crawl any more.
#[derive(Debug, thiserror::Error)]
pub enum CrawlError {
    /// The broker did not answer for a minute.
    #[error(transparent)]
    Broker(#[from] BrokerError),
    /// The broker stored no message for a minute.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The broker did not store what was decided.
    #[error(transparent)]
    Append(AppendError),
    /// Another process is now the scheduler. [`crawl`](super::crawl) does not return it.
    #[error("another process has taken over the crawl")]
    TakenOver,
    /// This machine failed and not a site, for example because its disk is full. Another process
    /// requests the page again.
    #[error("this machine failed: {0}")]
    Local(String),
    /// An entry of the log was written by another program.
    #[error("entry {0} of the log is not of a crawl")]
    Damaged(u64),
}

impl From<AppendError> for CrawlError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Conflict { .. } => Self::TakenOver,
            error => Self::Append(error),
        }
    }
}

impl<E: Into<CrawlError>> From<RetryError<E>> for CrawlError {
    fn from(error: RetryError<E>) -> Self {
        error.into_last().expect("no attempt has a time limit").into()
    }
}
