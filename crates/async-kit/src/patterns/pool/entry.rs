//! A connection is not used again once its lifetime or its idle time is over.

use tokio::time::Instant;

use super::builder::Limits;

/// A connection of the pool, and when it expires.
pub(super) struct Entry<C> {
    pub(super) connection: C,
    /// The end of its lifetime.
    lifetime_end: Option<Instant>,
    /// The end of its lifetime or of its idle time, whichever comes first.
    expires_at: Option<Instant>,
    /// Whether the pool must close the connection, and not use it again.
    pub(super) broken: bool,
}

impl<C> Entry<C> {
    pub(super) fn new(connection: C, limits: &Limits) -> Self {
        let lifetime_end =
            limits.max_lifetime.and_then(|age| Instant::now().checked_add(age));
        Self { connection, lifetime_end, expires_at: lifetime_end, broken: false }
    }

    /// Starts its idle time.
    pub(super) fn mark_idle(&mut self, limits: &Limits) {
        let Some(idle) = limits.idle_timeout else { return };
        let idle_end = Instant::now().checked_add(idle);
        self.expires_at = [self.lifetime_end, idle_end].into_iter().flatten().min();
    }

    /// Reads the clock only if there is a limit, because reading it costs as much as the rest of a
    /// checkout.
    pub(super) fn is_expired(&self) -> bool {
        self.expires_at.is_some_and(|end| Instant::now() >= end)
    }
}
