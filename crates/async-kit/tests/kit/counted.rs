//! A connection is counted until it is dropped, wherever that happens.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

/// A connection that is counted in a number of open connections.
pub(crate) struct Counted(Arc<AtomicUsize>);

impl Counted {
    /// Opens a connection, and returns how many were open before.
    pub(crate) fn new(open: &Arc<AtomicUsize>) -> (Self, usize) {
        let others = open.fetch_add(1, SeqCst);
        (Self(Arc::clone(open)), others)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}
