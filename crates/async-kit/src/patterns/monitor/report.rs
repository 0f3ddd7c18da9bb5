//! A report says how a task ended, and with what.

use std::{
    any::Any,
    fmt::{self, Display, Formatter},
    time::Duration,
};

/// What a [`Monitor`](super::Monitor) knows of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// It has not ended yet.
    Running,
    /// It returned a value.
    Done,
    /// It returned an error.
    Failed,
    /// It was cancelled because its limit had passed.
    TimedOut,
    /// It was cancelled.
    Cancelled,
    /// It panicked.
    Panicked,
}

/// How a task ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<T, E> {
    /// It returned this value.
    Done(T),
    /// It returned this error.
    Failed(E),
    /// It was cancelled because this limit had passed.
    TimedOut(Duration),
    /// It was cancelled by name, with its monitor, or with its runtime.
    Cancelled,
    /// It panicked with this message.
    Panicked(String),
}

/// How one task of a [`Monitor`](super::Monitor) ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report<T, E> {
    /// The name it was spawned with.
    pub name: String,
    /// How it ended.
    pub outcome: Outcome<T, E>,
    /// The time from its spawn to its end.
    pub took: Duration,
}

impl<T, E> Outcome<T, E> {
    /// The outcome without its value.
    pub fn state(&self) -> State {
        match self {
            Self::Done(_) => State::Done,
            Self::Failed(_) => State::Failed,
            Self::TimedOut(_) => State::TimedOut,
            Self::Cancelled => State::Cancelled,
            Self::Panicked(_) => State::Panicked,
        }
    }
}

impl Display for State {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::TimedOut => "timed out",
            Self::Cancelled => "cancelled",
            Self::Panicked => "panicked",
        })
    }
}

impl<T, E: Display> Display for Outcome<T, E> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let state = self.state();
        match self {
            Self::Done(_) | Self::Cancelled => write!(f, "{state}"),
            Self::Failed(error) => write!(f, "{state}: {error}"),
            Self::TimedOut(limit) => write!(f, "{state} after {limit:?}"),
            Self::Panicked(message) => write!(f, "{state}: {message}"),
        }
    }
}

impl<T, E: Display> Display for Report<T, E> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.outcome)
    }
}

pub(super) fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic whose payload is not text").to_owned()
}
