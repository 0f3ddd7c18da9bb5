//! Dropping a checked-out connection releases its permit, and returns the connection to the pool
//! if it is still usable.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    panic::resume_unwind,
    sync::Arc,
};

use tokio::runtime::Handle;

use super::{
    super::deadline::TimeLimit, entry::Entry, error::AcquireError, manager::Manager,
    shared::Shared,
};

/// A connection that is checked out. It returns to its pool when this is dropped.
///
/// If it was marked as broken, or the pool was closed in the meantime, it is closed in a
/// background task instead. Outside a Tokio runtime it is only dropped.
#[must_use = "dropping it returns the connection to the pool immediately"]
pub struct Pooled<M: Manager> {
    /// `None` while the connection is being opened or closed: then this is only a permit.
    entry: Option<Box<Entry<M::Connection>>>,
    shared: Arc<Shared<M>>,
}

impl<M: Manager> Pooled<M> {
    /// Marks the connection as broken: the pool closes it when this `Pooled` is dropped, and does
    /// not use it again. Call it after an error that leaves the connection in an unknown state.
    pub fn mark_broken(&mut self) {
        self.entry_mut().broken = true;
    }

    fn entry_mut(&mut self) -> &mut Entry<M::Connection> {
        self.entry.as_mut().expect("`acquire` returns a connected `Pooled`")
    }

    pub(super) fn new(
        entry: Option<Box<Entry<M::Connection>>>,
        shared: &Arc<Shared<M>>,
    ) -> Self {
        Self { entry, shared: Arc::clone(shared) }
    }

    pub(super) fn is_connected(&self) -> bool {
        self.entry.is_some()
    }

    /// Takes the next connection in place of the one that was retired.
    pub(super) fn refill(&mut self, entry: Option<Box<Entry<M::Connection>>>) {
        self.entry = entry;
    }

    pub(super) async fn is_usable(&mut self) -> bool {
        let Some(entry) = &mut self.entry else { return false };
        // `broken` is set before the check. If the check is cancelled, the connection may be in
        // the middle of an exchange, and must not be used again.
        entry.broken = true;
        entry.broken = entry.is_expired()
            || !self.shared.manager.is_healthy(&mut entry.connection).await;
        !entry.broken
    }

    pub(super) async fn connect(&mut self) -> Result<(), M::Error> {
        let connection = self.shared.manager.connect().await?;
        self.entry = Some(Box::new(Entry::new(connection, &self.shared.limits)));
        Ok(())
    }

    /// Closes the connection and keeps the permit.
    pub(super) async fn retire(mut self) -> Result<Self, AcquireError<M::Error>> {
        let Some(entry) = self.entry.take() else { return Ok(self) };
        // `close` runs in its own task, because a cancelled `acquire` must not cancel it.
        tokio::spawn(self.close(entry)).await.map_err(|e| match e.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The runtime is shutting down, so the pool cannot be used any more.
            Err(_) => AcquireError::Closed,
        })
    }

    /// The task holds the permit, and releases it when the connection is closed.
    pub(super) fn close_in_background(self, entry: Box<Entry<M::Connection>>) {
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(self.close(entry));
        }
    }

    async fn close(self, entry: Box<Entry<M::Connection>>) -> Self {
        let limit = self.shared.limits.close_timeout;
        // At the limit the connection is dropped with the future that has it.
        let _ = self.shared.manager.close(entry.connection).within(limit).await;
        self
    }
}

impl<M: Manager> Drop for Pooled<M> {
    fn drop(&mut self) {
        let mut entry = self.entry.take();
        if let Some(entry) = &mut entry {
            entry.mark_idle(&self.shared.limits);
        }
        if let Some(unusable) = self.shared.check_in(entry) {
            Self::new(None, &self.shared).close_in_background(unusable);
        }
    }
}

impl<M: Manager> Deref for Pooled<M> {
    type Target = M::Connection;

    fn deref(&self) -> &M::Connection {
        &self.entry.as_ref().expect("`acquire` returns a connected `Pooled`").connection
    }
}

impl<M: Manager> DerefMut for Pooled<M> {
    fn deref_mut(&mut self) -> &mut M::Connection {
        &mut self.entry_mut().connection
    }
}

impl<M: Manager<Connection: fmt::Debug>> fmt::Debug for Pooled<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pooled").field(&**self).finish()
    }
}
