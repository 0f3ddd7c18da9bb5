//! The variant of an error decides whether a second attempt can duplicate a message.

/// A broker could not execute a request. No variant repeats an address, which may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The name of a queue or log has a character that a broker cannot use.
    #[error("{0:?} is no name of a queue or log: use 1 to 32 letters, digits, - and _")]
    Name(String),
    /// The settings of a queue contradict the range that [`Settings`](crate::Settings) states.
    #[error("no queue can have these settings: {0}")]
    Settings(&'static str),
    /// There is no server, it refuses this client, or the connection to it broke.
    #[error("{0}")]
    Connection(String),
    /// The server answers, but it lacks a feature: JetStream is off, or a newer version is needed.
    #[error("{0}")]
    Unsupported(String),
    /// The server has answered with an error.
    #[error("{0}")]
    Server(String),
}

/// A message was not published, or it is unknown whether it was.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The queue holds as many messages as its settings allow. It was not stored.
    #[error("the queue is full: it holds {0} messages")]
    Full(usize),
    /// The body is larger than the broker accepts. It was not stored.
    #[error("the message has {size} bytes, and the limit is {limit}")]
    TooLarge {
        /// The size of the body in bytes.
        size: usize,
        /// The largest size in bytes that the broker accepts.
        limit: usize,
    },
    /// The broker has no room left on its disk. It was not stored.
    #[error("the broker has no room left on its disk")]
    StoreFull,
    /// No acknowledgement came, so the message may be stored or not. With an id it can be published
    /// again: within the window of [`Settings::dedup_window`](crate::Settings::dedup_window) it is
    /// stored once.
    #[error("no acknowledgement, so the message may be stored or not: {0}")]
    Unknown(String),
    /// The broker has refused it. It was not stored.
    #[error("the message was refused: {0}")]
    Refused(String),
}

/// An entry was not appended, or it is unknown whether it was.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Another process has appended since. Nothing was stored.
    #[error("another process has continued the log after entry {after}")]
    Conflict {
        /// The number of the entry that this process expected to be the last one.
        after: u64,
    },
    /// The entry is larger than the broker accepts. Nothing was stored.
    #[error("the entry has {size} bytes, and the limit is {limit}")]
    TooLarge {
        /// The size of the entry in bytes.
        size: usize,
        /// The largest size in bytes that the broker accepts.
        limit: usize,
    },
    /// The broker could not be asked, or its answer did not come. The entry may be stored or not: read
    /// the log to find out.
    #[error(transparent)]
    Broker(#[from] BrokerError),
}
