//! A pool has at most `max_size` connections, and no error, panic or cancellation leaks one.
//!
//! Built on one lock around a stack of idle connections and a queue of tasks that wait for a
//! permit. A task that has a permit holds a [`Pooled`], with or without a connection, whose
//! `drop` releases the permit. So if a task is cancelled while it connects, checks or uses a
//! connection, no permit and no connection leaks.

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

pub use self::{builder::Builder, error::AcquireError, manager::Manager, pooled::Pooled};
use self::{
    entry::Entry,
    shared::{Shared, State},
};
use super::{
    deadline::TimeLimit,
    waiters::{Acquire, lock, wake},
};

/// A limited number of connections that many tasks share, each used by one task at a time.
///
/// asyncio has no pool of its own; its database and HTTP libraries each bring one. The
/// nearest in Tokio is a [`Semaphore`](tokio::sync::Semaphore) together with a `Mutex<Vec<_>>`.
/// A pool also replaces connections that are old, broken or unhealthy.
///
/// A connection is opened when a task needs one and none is idle. Cloning a pool gives another
/// handle to the same pool.
///
/// # Fairness
///
/// Tasks that wait for a connection are served in FIFO order. If several connections are idle,
/// the one returned last is used first. So the connections that are not needed stay idle, and
/// expire.
///
/// # Expiry
///
/// Connections do not expire by default. [`max_lifetime`](Builder::max_lifetime) limits the
/// age of a connection. [`idle_timeout`](Builder::idle_timeout) limits how long it may be idle.
/// No task runs in the background: [`acquire`](Self::acquire) checks both limits of an idle
/// connection, and closes the connection if it has expired.
///
/// # Health
///
/// `acquire` also calls [`Manager::is_healthy`] for an idle connection, and closes the connection
/// if the result is `false`. If a connection may be in an unknown state after an error, call
/// [`mark_broken`](Pooled::mark_broken): the pool closes the connection when its `Pooled` is
/// dropped.
///
/// A connection counts until it is closed, or until [`close_timeout`](Builder::close_timeout) expires
/// and it is dropped. So the pool never has more than [`max_size`](Builder::max_size) connections, and a
/// [`Manager::close`] that never returns takes a slot only for that time. A `connect` or `is_healthy`
/// that never returns ends with the `acquire` that called it: see
/// [`acquire_timeout`](Builder::acquire_timeout).
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
    /// Returns a [`Builder`] for a pool with this manager; its defaults are listed there.
    pub fn builder(manager: M) -> Builder<M> {
        Builder::new(manager)
    }

    /// Checks out a connection. If all connections are in use, waits for one.
    ///
    /// The connection returns to the pool when the [`Pooled`] is dropped.
    ///
    /// # Errors
    ///
    /// - [`AcquireError::Closed`] once the pool is closed, even if this call is already waiting
    ///   for a connection. A call that is checking or opening a connection continues, and
    ///   `close` waits for it.
    /// - [`AcquireError::Timeout`] if waiting, checking and connecting together took longer than
    ///   `acquire_timeout`.
    /// - [`AcquireError::Connect`] if the manager could not connect.
    ///
    /// # Panics
    ///
    /// Panics if the manager panics, if `acquire` closes a connection outside a Tokio runtime with time
    /// enabled, or if `acquire_timeout` is set and it has to wait outside one.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped `acquire` leaves the wait queue or releases its permit. If it is
    /// dropped during a health check, that connection is closed in the background.
    pub async fn acquire(&self) -> Result<Pooled<M>, AcquireError<M::Error>> {
        let Some(limit) = self.shared.limits.acquire_timeout else {
            return self.acquire_without_limit().await;
        };
        let acquired = self.acquire_without_limit().within(limit).await;
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

    /// Counts a permit that was just acquired, and takes the idle connection returned last, if
    /// there is one.
    fn check_out(&self, mut state: MutexGuard<'_, State<M::Connection>>) -> Pooled<M> {
        state.in_use += 1;
        let entry = state.idle.pop();
        drop(state);
        Pooled::new(entry, &self.shared)
    }

    /// Returns `None` if the pool is closed, `Some(None)` if no connection is idle, and otherwise
    /// the connection returned last.
    fn next_idle(&self) -> Option<Option<Box<Entry<M::Connection>>>> {
        let mut state = self.state();
        (!state.closed).then(|| state.idle.pop())
    }

    /// Returns the counts of the pool at this moment.
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

    /// Closes the pool, and waits until every connection is closed or dropped.
    ///
    /// From now on `acquire` returns an error, also for the tasks that already wait in it. Idle
    /// connections are closed immediately and concurrently. A connection in use is closed when it
    /// is returned.
    ///
    /// Do not hold a [`Pooled`] while you await `close`: `close` waits for that connection and
    /// never returns. Outside a Tokio runtime no task can run [`Manager::close`], so connections are
    /// dropped.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the first poll closes the pool, and the connections are closed in the
    /// background even if this future is dropped. Call `close` again to wait for them.
    pub async fn close(&self) {
        self.start_close();
        loop {
            // `all_returned` is created before the check. Otherwise a connection returned between
            // the check and the await would not wake this task.
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
    /// Makes the pool. It opens no connection until `acquire` needs one.
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

/// The counts of a [`Pool`] at the moment of the call to [`Pool::status`].
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
