//! The error of a refused `send` contains the item.

use std::{error::Error, fmt};

/// The queue is closed. Contains the item that was not sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SendError<T>(pub T);

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the work queue is closed")
    }
}

impl<T> Error for SendError<T> {}

// `Debug` is not derived, because then `?` and `expect` would demand `T: Debug`.
impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SendError").finish_non_exhaustive()
    }
}
