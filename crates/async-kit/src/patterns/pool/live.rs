//! A connection carries the moment from which on it is not lent again.

use tokio::time::Instant;

use super::builder::Limits;

/// A connection, and how long it may still be lent.
pub(super) struct Live<C> {
    pub(super) connection: C,
    /// When its lifetime ends.
    end: Option<Instant>,
    /// From when on it is not to be lent: the end of its lifetime, or of its idle time.
    best_before: Option<Instant>,
    /// Whether it is to be closed instead of lent again.
    pub(super) broken: bool,
}

impl<C> Live<C> {
    pub(super) fn new(connection: C, limits: &Limits) -> Self {
        let end = limits.max_lifetime.and_then(|age| Instant::now().checked_add(age));
        Self { connection, end, best_before: end, broken: false }
    }

    pub(super) fn rest(&mut self, limits: &Limits) {
        let Some(idle) = limits.idle_timeout else { return };
        let idle_end = Instant::now().checked_add(idle);
        self.best_before = [self.end, idle_end].into_iter().flatten().min();
    }

    /// Reads the clock only if there is a limit: it costs as much as the rest of a loan.
    pub(super) fn expired(&self) -> bool {
        self.best_before.is_some_and(|end| Instant::now() >= end)
    }
}
