//! The greater of two entries has the lower priority or, if the priorities are equal, was
//! added first.

use std::cmp::Ordering;

/// An item, with its priority and its sequence number.
pub(super) struct Entry<P, T> {
    pub(super) priority: P,
    /// A sequence number, so that items of equal priority keep their order and are never compared.
    pub(super) order: u64,
    pub(super) item: T,
}

impl<P: Ord, T> Ord for Entry<P, T> {
    /// The comparison is reversed, because the heap keeps its greatest entry on top.
    fn cmp(&self, other: &Self) -> Ordering {
        other.priority.cmp(&self.priority).then_with(|| other.order.cmp(&self.order))
    }
}

impl<P: Ord, T> PartialOrd for Entry<P, T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<P: Ord, T> PartialEq for Entry<P, T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<P: Ord, T> Eq for Entry<P, T> {}
