//! A loan gives its turn back on every path, and a connection that is fit along with it.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    panic::resume_unwind,
    sync::Arc,
};

use tokio::runtime::Handle;

use super::{AcquireError, Manager, Shared, live::Live};

/// A borrowed connection, which goes back to its pool when this is dropped.
///
/// If it was marked as broken, or the pool was closed meanwhile, it is closed in a background
/// task instead; outside a Tokio runtime it is just dropped.
#[must_use = "dropping it at once gives the connection back at once"]
pub struct Pooled<M: Manager> {
    /// `None` while it is being connected or closed: then this is a turn and nothing else.
    live: Option<Box<Live<M::Connection>>>,
    shared: Arc<Shared<M>>,
}

impl<M: Manager> Pooled<M> {
    /// Has the connection closed instead of lent again: call it after an error that leaves the
    /// connection in an unknown state.
    pub fn mark_broken(&mut self) {
        self.live_mut().broken = true;
    }

    fn live_mut(&mut self) -> &mut Live<M::Connection> {
        self.live.as_mut().expect("what acquire returns is connected")
    }

    pub(super) fn new(
        live: Option<Box<Live<M::Connection>>>,
        shared: &Arc<Shared<M>>,
    ) -> Self {
        Self { live, shared: Arc::clone(shared) }
    }

    pub(super) fn is_connected(&self) -> bool {
        self.live.is_some()
    }

    /// Takes the next connection in place of the one that was retired.
    pub(super) fn refill(&mut self, live: Option<Box<Live<M::Connection>>>) {
        self.live = live;
    }

    pub(super) async fn is_fit(&mut self) -> bool {
        let Some(live) = &mut self.live else { return false };
        // Also if the check is cancelled: then nobody knows what the connection is in for.
        live.broken = true;
        live.broken =
            live.expired() || !self.shared.manager.is_healthy(&mut live.connection).await;
        !live.broken
    }

    pub(super) async fn connect(&mut self) -> Result<(), M::Error> {
        let connection = self.shared.manager.connect().await?;
        self.live = Some(Box::new(Live::new(connection, &self.shared.limits)));
        Ok(())
    }

    /// Closes the connection and keeps the turn.
    pub(super) async fn retire(mut self) -> Result<Self, AcquireError<M::Error>> {
        let Some(live) = self.live.take() else { return Ok(self) };
        // In a task of its own, because a cancelled `acquire` must not cut the `close` short.
        tokio::spawn(self.closing(live)).await.map_err(|e| match e.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The runtime is being shut down, and the pool with it.
            Err(_) => AcquireError::Closed,
        })
    }

    /// The turn goes along, and comes back when the connection is closed.
    pub(super) fn close_in_background(self, live: Box<Live<M::Connection>>) {
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(self.closing(live));
        }
    }

    async fn closing(self, live: Box<Live<M::Connection>>) -> Self {
        self.shared.manager.close(live.connection).await;
        self
    }
}

impl<M: Manager> Drop for Pooled<M> {
    fn drop(&mut self) {
        let mut live = self.live.take();
        if let Some(live) = &mut live {
            live.rest(&self.shared.limits);
        }
        if let Some(unfit) = self.shared.give_back(live) {
            Self::new(None, &self.shared).close_in_background(unfit);
        }
    }
}

impl<M: Manager> Deref for Pooled<M> {
    type Target = M::Connection;

    fn deref(&self) -> &M::Connection {
        &self.live.as_ref().expect("what acquire returns is connected").connection
    }
}

impl<M: Manager> DerefMut for Pooled<M> {
    fn deref_mut(&mut self) -> &mut M::Connection {
        &mut self.live_mut().connection
    }
}

impl<M: Manager<Connection: fmt::Debug>> fmt::Debug for Pooled<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pooled").field(&**self).finish()
    }
}
