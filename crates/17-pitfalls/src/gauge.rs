//! Counts the calls in flight, and their peak, for the sections that compare several versions.
//!
//! Used by `sequential`, `outlives`, `cpu`, `blocking_pool`, `held_lock`, `unbounded` and `leak`.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

#[derive(Clone, Debug, Default)]
pub(crate) struct Gauge(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    now: AtomicUsize,
    peak: AtomicUsize,
}

impl Gauge {
    pub(crate) fn enter(&self) -> InFlight {
        let now = self.0.now.fetch_add(1, SeqCst) + 1;
        self.0.peak.fetch_max(now, SeqCst);
        InFlight(self.clone())
    }

    pub(crate) fn now(&self) -> usize {
        self.0.now.load(SeqCst)
    }

    pub(crate) fn peak(&self) -> usize {
        self.0.peak.load(SeqCst)
    }
}

#[must_use = "dropping it decreases the count"]
#[derive(Debug)]
pub(crate) struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.0.now.fetch_sub(1, SeqCst);
    }
}
