//! A pool has at most `max_size` connections in use, and gets each one back on every path.
//!
//! Built on one lock around a stack of idle connections and a queue of tasks that wait for a
//! permit. A task that has a permit holds a [`Pooled`], with or without a connection, whose
//! `drop` releases the permit. So a task can be cancelled while it connects, checks or uses a
//! connection, and nothing leaks.

mod builder;
mod entry;
mod error;
mod manager;
mod pooled;
mod shared;

use std::{
    fmt, mem,
    sync::{Arc, MutexGuard},
};

use tokio::time::timeout;

pub use self::{builder::Builder, error::AcquireError, manager::Manager, pooled::Pooled};
use self::{
    entry::Entry,
    shared::{Shared, State},
};
use super::waiters::{Acquire, lock, wake};

/// A limited number of connections that many tasks share, each used by one task at a time.
///
/// asyncio has no pool of its own; its database and HTTP libraries each bring one. Tokio's
/// nearest is a [`Semaphore`](tokio::sync::Semaphore) beside a `Mutex<Vec<_>>`. A pool also
/// replaces connections that are old, broken or unhealthy.
///
/// A connection is opened when a task needs one and none is idle. Cloning a pool gives another
/// handle to the same pool.
///
/// # Fairness
///
/// Tasks that wait for a connection are served in FIFO order. Among idle connections, the one
/// returned last is used first, so that those not needed stay idle and expire.
///
/// # Expiry
///
/// Connections do not expire by default. [`max_lifetime`](Builder::max_lifetime) limits their
/// age, and [`idle_timeout`](Builder::idle_timeout) the time for which they are not used. No
/// task runs in the background: [`acquire`](Self::acquire) checks both limits of an idle
/// connection, and closes one that has expired.
///
/// # Health
///
/// `acquire` also asks [`Manager::is_healthy`] about an idle connection, and closes one that is
/// not. If a connection may be in an unknown state after an error, call
/// [`mark_broken`](Pooled::mark_broken): it is closed when its `Pooled` is dropped.
///
/// A connection that is being closed still counts, so there are never more than
/// [`max_size`](Builder::max_size).
///
/// # Shutdown
///
/// Call [`close`](Self::close) before you drop the last handle. Without it, idle connections are
/// dropped and [`Manager::close`] is not called for them.
///
/// # Examples
///
/// ```
/// # use async_kit::{Manager, Pool};
/// # use std::{convert::Infallible, time::Duration};
/// struct Greeter;
///
/// impl Manager for Greeter {
///     type Connection = String;
///     type Error = Infallible;
///
///     async fn connect(&self) -> Result<String, Infallible> {
///         Ok("hello".to_owned())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// let pool = Pool::builder(Greeter).max_size(3).acquire_timeout(Duration::from_secs(1)).build();
/// let mut greeting = pool.acquire().await?;
/// greeting.push_str(", world");
/// assert_eq!(pool.status().in_use, 1);
///
/// drop(greeting);
/// assert_eq!(*pool.acquire().await?, "hello, world");
/// pool.close().await;
/// assert!(pool.acquire().await.is_err());
/// # Ok(())
/// # }
/// ```
pub struct Pool<M: Manager> {
    shared: Arc<Shared<M>>,
}

impl<M: Manager> Pool<M> {
    /// Starts to configure a pool with this manager; the defaults are listed at [`Builder`].
    pub fn builder(manager: M) -> Builder<M> {
        Builder::new(manager)
    }

    /// Checks out a connection, and waits for one while all are in use.
    ///
    /// The connection returns to the pool when the [`Pooled`] is dropped.
    ///
    /// # Errors
    ///
    /// - [`AcquireError::Closed`] once the pool is closed, even if this call is already waiting
    ///   for a connection. A call that is checking or opening a connection goes on, and `close`
    ///   waits for it.
    /// - [`AcquireError::Timeout`] if waiting, checking and connecting together took longer than
    ///   `acquire_timeout`.
    /// - [`AcquireError::Connect`] if the manager could not connect.
    ///
    /// # Panics
    ///
    /// If the manager panics. Outside a Tokio runtime with time enabled, if `acquire_timeout` is
    /// set or a connection has to be closed.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped `acquire` leaves the wait queue or releases its permit. If it is
    /// dropped during a health check, that connection is closed in the background.
    pub async fn acquire(&self) -> Result<Pooled<M>, AcquireError<M::Error>> {
        let Some(limit) = self.shared.limits.acquire_timeout else {
            return self.acquire_without_limit().await;
        };
        let acquired = timeout(limit, self.acquire_without_limit()).await;
        acquired.unwrap_or(Err(AcquireError::Timeout))
    }

    async fn acquire_without_limit(&self) -> Result<Pooled<M>, AcquireError<M::Error>> {
        let acquire =
            Acquire::new(&self.shared.state, |state| &mut state.waiters, |s| s.closed);
        let mut pooled = self.check_out(acquire.await.ok_or(AcquireError::Closed)?);
        while pooled.is_connected() {
            if pooled.is_usable().await {
                return Ok(pooled);
            }
            pooled = pooled.retire().await?;
            pooled.refill(self.next_idle().ok_or(AcquireError::Closed)?);
        }
        pooled.connect().await.map_err(AcquireError::Connect)?;
        Ok(pooled)
    }

    /// Takes the idle connection on top, if there is one, for a permit just acquired.
    fn check_out(&self, mut state: MutexGuard<'_, State<M::Connection>>) -> Pooled<M> {
        state.in_use += 1;
        let entry = state.idle.pop();
        drop(state);
        Pooled::new(entry, &self.shared)
    }

    /// Takes the idle connection that is now on top, if there is one; `None` if the pool is
    /// closed.
    fn next_idle(&self) -> Option<Option<Box<Entry<M::Connection>>>> {
        let mut state = self.state();
        (!state.closed).then(|| state.idle.pop())
    }

    /// Returns what the pool holds at this moment.
    pub fn status(&self) -> Status {
        let state = self.state();
        Status {
            max_size: self.shared.limits.max_size,
            idle: state.idle.len(),
            in_use: state.in_use,
            waiting: state.waiters.len(),
            closed: state.closed,
        }
    }

    /// Closes the pool, and waits until every connection is closed.
    ///
    /// From now on `acquire` returns an error, also for the tasks that already wait in it. Idle
    /// connections are closed immediately and concurrently, a connection in use when it is
    /// returned.
    ///
    /// A task that holds a [`Pooled`] while it awaits `close` waits for itself, and never
    /// returns. Outside a Tokio runtime no task can run [`Manager::close`], so connections are
    /// dropped.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the first poll closes the pool, and the connections are closed in the
    /// background even if this future is dropped. Call it again to wait for the rest.
    pub async fn close(&self) {
        self.start_close();
        loop {
            // Created before the check, so that it also notices a return between the two.
            let all_returned = self.shared.all_returned.notified();
            if self.state().in_use == 0 {
                return;
            }
            all_returned.await;
        }
    }

    fn start_close(&self) {
        let mut state = self.state();
        state.closed = true;
        let waiting = state.waiters.wakers();
        let idle = mem::take(&mut state.idle);
        state.in_use += idle.len();
        drop(state);
        wake(waiting);
        for entry in idle {
            Pooled::new(None, &self.shared).close_in_background(entry);
        }
    }

    fn state(&self) -> MutexGuard<'_, State<M::Connection>> {
        lock(&self.shared.state)
    }
}

impl<M: Manager> Builder<M> {
    /// Makes the pool. It opens no connection until one is acquired.
    pub fn build(self) -> Pool<M> {
        Pool { shared: Arc::new(Shared::new(self.manager, self.limits)) }
    }
}

impl<M: Manager> Clone for Pool<M> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<M: Manager> fmt::Debug for Pool<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pool").field(&self.status()).finish()
    }
}

/// What a [`Pool`] held when [`Pool::status`] was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// The largest number of connections.
    pub max_size: usize,
    /// Connections that are ready to be checked out.
    pub idle: usize,
    /// Connections that are checked out, or being opened, checked or closed.
    pub in_use: usize,
    /// Tasks that wait for a connection.
    pub waiting: usize,
    /// Whether the pool was closed.
    pub closed: bool,
}
