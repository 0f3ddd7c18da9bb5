//! A refused item comes back with the error.

use std::fmt;

/// The queue is closed; here is the item that was not added.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the priority queue is closed")]
pub struct PushError<T>(pub T);

/// Why an item was not added without waiting; here is the item.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TryPushError<T> {
    /// There is no room now.
    #[error("the priority queue is full")]
    Full(T),
    /// There will never be room again.
    #[error("the priority queue is closed")]
    Closed(T),
}

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
