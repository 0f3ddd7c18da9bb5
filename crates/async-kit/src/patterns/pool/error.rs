//! A failed `acquire` returns whether it timed out, the pool is closed, or the manager could not
//! connect.

use std::{error::Error, fmt};

/// Why [`Pool::acquire`](super::Pool::acquire) returned no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcquireError<E> {
    /// `acquire_timeout` expired first.
    Timeout,
    /// The pool is closed.
    Closed,
    /// No connection was idle, and the manager could not open one.
    Connect(E),
}

impl<E> fmt::Display for AcquireError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout => "no connection became available in time",
            Self::Closed => "the pool is closed",
            Self::Connect(_) => "could not connect",
        })
    }
}

impl<E: Error + 'static> Error for AcquireError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Connect(error) => Some(error),
            Self::Timeout | Self::Closed => None,
        }
    }
}
