//! A refused item comes back with the error.

use std::{error::Error, fmt};

/// The queue is closed; here is the item that was not added.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PushError<T>(pub T);

/// Why an item was not added without waiting; here is the item.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TryPushError<T> {
    /// There is no room now.
    Full(T),
    /// There will never be room again.
    Closed(T),
}

impl<T> fmt::Display for PushError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the priority queue is closed")
    }
}

impl<T> fmt::Display for TryPushError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "the priority queue is full",
            Self::Closed(_) => "the priority queue is closed",
        })
    }
}

impl<T> Error for PushError<T> {}

impl<T> Error for TryPushError<T> {}

// By hand, so that `?` does not ask every item for `Debug`.
impl<T> fmt::Debug for PushError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PushError").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for TryPushError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Full(_) => "Full",
            Self::Closed(_) => "Closed",
        };
        f.debug_tuple(name).finish_non_exhaustive()
    }
}
