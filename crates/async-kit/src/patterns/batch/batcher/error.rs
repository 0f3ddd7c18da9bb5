//! A caller whose item has no result gets the reason.

use std::{error::Error, fmt};

/// Why an item has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BatchError {
    /// The batcher was closed before the item was submitted, or its runtime ended before the
    /// item had a result.
    Closed,
    /// The handler panicked while it had the item.
    Panicked,
    /// The handler returned the wrong number of results, so it is unknown to which item each belongs.
    WrongCount {
        /// How many items the handler got.
        items: usize,
        /// How many results it returned.
        results: usize,
    },
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the batcher is closed"),
            Self::Panicked => f.write_str("the handler of the batch panicked"),
            Self::WrongCount { items, results } => {
                write!(f, "the handler returned {results} results for {items} items")
            }
        }
    }
}

impl Error for BatchError {}
