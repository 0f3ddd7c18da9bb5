//! If a commit fails, every call that shared its transaction returns the same failure.

use crate::{AppendError, BrokerError, PublishError};

/// Why a change was not made, or that this is unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    target_family = "wasm",
    expect(dead_code, reason = "only the journal uses it")
)]
pub(super) enum Failure {
    /// The queue or log was removed. Nothing was stored.
    Removed,
    /// The disk is full. Nothing was stored.
    DiskFull,
    /// Nothing was stored.
    NotStored(String),
    /// The changes are stored or not, and the journal cannot be read to find out.
    Unknown(String),
}

impl From<Failure> for BrokerError {
    fn from(failure: Failure) -> Self {
        Self::Server(match failure {
            Failure::Removed => "the queue or log was removed".to_owned(),
            Failure::DiskFull => "the disk is full".to_owned(),
            Failure::NotStored(why) | Failure::Unknown(why) => why,
        })
    }
}

impl From<Failure> for PublishError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Removed => Self::Refused("the queue was removed".to_owned()),
            Failure::DiskFull => Self::StoreFull,
            Failure::NotStored(why) => Self::Refused(why),
            Failure::Unknown(why) => Self::Unknown(why),
        }
    }
}

impl From<Failure> for AppendError {
    fn from(failure: Failure) -> Self {
        Self::Broker(failure.into())
    }
}
