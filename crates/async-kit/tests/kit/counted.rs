//! A connection counts for as long as it lives, whoever forgets it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

/// One of the connections that this number counts.
pub(crate) struct Counted(Arc<AtomicUsize>);

impl Counted {
    /// Counts itself, and says how many there were before.
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
