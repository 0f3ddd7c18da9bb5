//! An attempt is repeated only if the server has not answered.

use std::fmt::Display;

use async_nats::jetstream::{self, ErrorCode};

use super::publishing::Unstored;
use crate::{AppendError, BrokerError, PublishError};

/// Why an attempt has failed.
pub(super) enum Failed<E> {
    /// No answer has come, so it has happened or not.
    NoAnswer(String),
    /// The server has no listener for this subject: it is about to stop, JetStream is off, or the stream
    /// was removed.
    NoListener,
    /// It has not happened, and will not.
    Refused(E),
}

/// JetStream was asked, and has not done it.
#[derive(Debug)]
pub(super) enum ApiError {
    Away(String),
    Refused(jetstream::Error),
}

impl ApiError {
    pub(super) fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(error) => Some(error.error_code()),
            Self::Away(_) => None,
        }
    }

    /// Whether a queue has as many messages as it may.
    pub(super) fn is_queue_full(&self) -> bool {
        matches!(self, Self::Refused(refusal) if is_queue_full(refusal))
    }
}

/// What to do if no answer comes, for this reason. nats-server 2.9.10 with a full disk answers no client
/// and logs nothing, until it is restarted.
pub(super) fn silent(reason: impl Display) -> String {
    format!(
        "the NATS server does not answer ({reason}): if its disk is full, free space and restart it"
    )
}

impl From<ApiError> for BrokerError {
    fn from(error: ApiError) -> Self {
        let refused = match error {
            ApiError::Away(why) => return Self::Connection(why),
            ApiError::Refused(refused) => refused,
        };
        match refused.error_code() {
            ErrorCode::JETSTREAM_NOT_ENABLED
            | ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT => {
                Self::Unsupported(JETSTREAM_IS_OFF.to_owned())
            }
            ErrorCode::STREAM_NOT_FOUND | ErrorCode::CONSUMER_NOT_FOUND => {
                Self::Server(REMOVED.to_owned())
            }
            ErrorCode::STREAM_NAME_EXIST => Self::Server(OTHER_SETTINGS.to_owned()),
            _ if is_store_full(&refused) => {
                Self::Server(format!("the store of the NATS server is full: {refused}"))
            }
            _ => Self::Server(format!("the NATS server refuses: {refused}")),
        }
    }
}

pub(super) const JETSTREAM_IS_OFF: &str =
    "the NATS server runs without JetStream: start it with `nats-server -js`";
pub(super) const REMOVED: &str = "the queue or log was removed from the NATS server";
const OTHER_SETTINGS: &str = "the NATS server has this queue with other settings: open it with the same \
     ones everywhere, or choose another name";

/// What it means for a publisher that a message is not stored. `max_messages` is the limit of the queue.
pub(super) fn publish_error(why: Unstored, max_messages: Option<usize>) -> PublishError {
    let refusal = match why {
        Unstored::TooLarge { size, limit } => {
            return PublishError::TooLarge { size, limit };
        }
        Unstored::Unknown(why) => return PublishError::Unknown(why),
        Unstored::Removed => return PublishError::Refused(REMOVED.to_owned()),
        Unstored::OutOfSequence => {
            return PublishError::Refused("out of sequence".to_owned());
        }
        Unstored::Refused(refusal) => refusal,
    };
    match max_messages {
        Some(limit) if is_queue_full(&refusal) => PublishError::Full(limit),
        _ if is_store_full(&refusal) => PublishError::StoreFull,
        _ => PublishError::Refused(refusal.to_string()),
    }
}

/// What it means for the owner of a log that an entry is not stored.
pub(super) fn append_error(why: Unstored, after: u64) -> AppendError {
    AppendError::Broker(match why {
        Unstored::TooLarge { size, limit } => {
            return AppendError::TooLarge { size, limit };
        }
        Unstored::OutOfSequence => return AppendError::Conflict { after },
        Unstored::Removed => BrokerError::Server(REMOVED.to_owned()),
        Unstored::Refused(refusal) => ApiError::Refused(refusal).into(),
        Unstored::Unknown(why) => BrokerError::Connection(why),
    })
}

/// The server has one code for all that its store refuses.
fn is_queue_full(error: &jetstream::Error) -> bool {
    error.to_string().contains("maximum messages exceeded")
}

fn is_store_full(error: &jetstream::Error) -> bool {
    matches!(
        error.error_code(),
        ErrorCode::ACCOUNT_RESOURCES_EXCEEDED
            | ErrorCode::INSUFFICIENT_RESOURCES
            | ErrorCode::STORAGE_RESOURCES_EXCEEDED
    ) || error.to_string().contains("no space left on device")
        || error.to_string().contains("maximum bytes exceeded")
}
