//! A pool lends at most so many resources, and gets each one back on every path.
//!
//! Built on one lock around a stack of idle connections, with a line of tasks that wait for
//! their turn. Whoever has a turn holds a [`Pooled`], full or still empty, whose `drop` gives
//! the turn back: so connecting, checking and using can each be cancelled and nothing leaks.

use std::{
    error::Error,
    fmt, mem,
    ops::{Deref, DerefMut},
    panic::resume_unwind,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::{
    runtime::Handle,
    sync::Notify,
    time::{Instant, timeout},
};

use super::line::{Line, Turn, lock, wake};

/// How a [`Pool`] makes, checks and closes its connections.
///
/// `connect` and `is_healthy` may be cancelled at any of their awaits; a `close` once begun is
/// run to its end, for as long as the runtime lives.
pub trait Manager: Send + Sync + 'static {
    /// What the pool lends.
    type Connection: Send + 'static;
    /// Why a connection could not be made.
    type Error: Error + Send + Sync + 'static;

    /// Opens a connection. If it is cancelled it must clean up after itself.
    fn connect(
        &self,
    ) -> impl Future<Output = Result<Self::Connection, Self::Error>> + Send;

    /// Whether an idle connection can be lent again; if not, it is closed. Always, by default.
    fn is_healthy(
        &self,
        connection: &mut Self::Connection,
    ) -> impl Future<Output = bool> + Send {
        let _ = connection;
        async { true }
    }

    /// Closes a connection that will not be lent again. Drops it, by default.
    fn close(&self, connection: Self::Connection) -> impl Future<Output = ()> + Send {
        async { drop(connection) }
    }
}

/// At most so many connections, made when they are needed and lent one task at a time.
///
/// asyncio has no pool of its own; its database and HTTP libraries each bring one. In Tokio the
/// nearest is a [`Semaphore`](tokio::sync::Semaphore) beside a `Mutex<Vec<_>>`, which is how
/// one begins; what a pool adds is an answer to old, broken and abandoned connections.
///
/// Cloning gives another handle to the same pool. Tasks are served first come, first served.
/// The connection returned last is lent first, so that those not needed grow idle and expire.
/// Nothing runs in the background: age and health are checked when a connection is about to be
/// lent. A connection counts until its `close` has ended: there are never more than `max_size`.
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

struct Shared<M: Manager> {
    manager: M,
    limits: Limits,
    state: Mutex<State<M::Connection>>,
    all_back: Notify,
}

struct Limits {
    max_size: usize,
    max_lifetime: Option<Duration>,
    idle_timeout: Option<Duration>,
    acquire_timeout: Option<Duration>,
}

struct State<C> {
    /// The connection returned last is on top. Boxed, so that a loan moves a pointer: with two
    /// limits that is a third of what it costs.
    idle: Vec<Box<Live<C>>>,
    turns: Line,
    /// How many [`Pooled`] there are: turns that somebody or some closing task holds.
    lent: usize,
    closed: bool,
}

struct Live<C> {
    connection: C,
    /// When its lifetime ends.
    end: Option<Instant>,
    /// From when on it is not to be lent: the end of its lifetime, or of its idle time.
    best_before: Option<Instant>,
    /// Whether it is to be closed instead of lent again.
    broken: bool,
}

impl<C> Live<C> {
    fn new(connection: C, limits: &Limits) -> Self {
        let end = limits.max_lifetime.and_then(|age| Instant::now().checked_add(age));
        Self { connection, end, best_before: end, broken: false }
    }

    fn rest(&mut self, limits: &Limits) {
        let Some(idle) = limits.idle_timeout else { return };
        let idle_end = Instant::now().checked_add(idle);
        self.best_before = [self.end, idle_end].into_iter().flatten().min();
    }

    /// Reads the clock only if there is a limit: it costs as much as the rest of a loan.
    fn expired(&self) -> bool {
        self.best_before.is_some_and(|end| Instant::now() >= end)
    }
}

impl<M: Manager> Pool<M> {
    /// Starts to describe a pool over this manager.
    pub fn builder(manager: M) -> Builder<M> {
        let limits = Limits {
            max_size: 10,
            max_lifetime: None,
            idle_timeout: None,
            acquire_timeout: None,
        };
        Builder { manager, limits }
    }

    /// Borrows a connection, and waits for one while all are in use.
    ///
    /// The connection goes back to the pool when the [`Pooled`] is dropped.
    ///
    /// # Errors
    ///
    /// [`AcquireError::Closed`] once the pool is closed, also while this waits;
    /// [`AcquireError::Timeout`] when waiting, checking and connecting together took longer
    /// than `acquire_timeout`; [`AcquireError::Connect`] when the manager could not connect.
    ///
    /// # Panics
    ///
    /// If the manager does.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped `acquire` gives back its place in line or its turn. A connection
    /// whose health check was cut short is closed in the background.
    pub async fn acquire(&self) -> Result<Pooled<M>, AcquireError<M::Error>> {
        let Some(limit) = self.shared.limits.acquire_timeout else {
            return self.acquire_without_limit().await;
        };
        let acquired = timeout(limit, self.acquire_without_limit()).await;
        acquired.unwrap_or(Err(AcquireError::Timeout))
    }

    async fn acquire_without_limit(&self) -> Result<Pooled<M>, AcquireError<M::Error>> {
        let turn = Turn::new(&self.shared.state, |state| &mut state.turns, |s| s.closed);
        let mut pooled = self.lend(turn.await.ok_or(AcquireError::Closed)?);
        while pooled.live.is_some() {
            if pooled.is_fit().await {
                return Ok(pooled);
            }
            pooled = pooled.retire().await?;
            pooled.live = self.next_idle().ok_or(AcquireError::Closed)?;
        }
        pooled.connect().await.map_err(AcquireError::Connect)?;
        Ok(pooled)
    }

    /// A turn comes with the connection on top, if there is an idle one.
    fn lend(&self, mut state: MutexGuard<'_, State<M::Connection>>) -> Pooled<M> {
        state.lent += 1;
        let live = state.idle.pop();
        drop(state);
        Pooled { live, shared: Arc::clone(&self.shared) }
    }

    /// The connection that is now on top, if there is one; `None` if the pool was closed.
    fn next_idle(&self) -> Option<Option<Box<Live<M::Connection>>>> {
        let mut state = self.state();
        (!state.closed).then(|| state.idle.pop())
    }

    /// What the pool holds at this moment.
    pub fn status(&self) -> Status {
        let state = self.state();
        Status {
            max_size: self.shared.limits.max_size,
            idle: state.idle.len(),
            in_use: state.lent,
            waiting: state.turns.waiting(),
            closed: state.closed,
        }
    }

    /// Closes the pool: who waits and who comes later gets an error, idle connections are
    /// closed at once and side by side, lent ones when they come back. Waits for all of them.
    ///
    /// A task that holds a [`Pooled`] while it waits for this waits for itself, and for ever.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the pool is closed at the first poll, and its connections are closed in the
    /// background whether this is waited for or not. Call it again to wait for the rest.
    pub async fn close(&self) {
        self.shut();
        loop {
            // Made before the look, so that a return between the two still counts.
            let all_back = self.shared.all_back.notified();
            if self.state().lent == 0 {
                return;
            }
            all_back.await;
        }
    }

    fn shut(&self) {
        let mut state = self.state();
        state.closed = true;
        let waiting = state.turns.everybody();
        let idle = mem::take(&mut state.idle);
        state.lent += idle.len();
        drop(state);
        wake(waiting);
        for live in idle {
            let turn = Pooled::empty(&self.shared);
            turn.close_in_background(live);
        }
    }

    fn state(&self) -> MutexGuard<'_, State<M::Connection>> {
        lock(&self.shared.state)
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

/// The settings of a [`Pool`]: at most 10 connections, and no limit of time, unless set.
#[must_use = "a builder makes no pool until `build`"]
pub struct Builder<M> {
    manager: M,
    limits: Limits,
}

impl<M: Manager> Builder<M> {
    /// At most this many connections at once, those being opened or closed included.
    ///
    /// # Panics
    ///
    /// If `size` is zero: nobody could ever be served.
    #[track_caller]
    pub fn max_size(mut self, size: usize) -> Self {
        assert!(size > 0, "a pool needs a size of at least 1");
        self.limits.max_size = size;
        self
    }

    /// Closes a connection instead of lending it once it is this old. One that is lent stays.
    pub fn max_lifetime(mut self, age: Duration) -> Self {
        self.limits.max_lifetime = Some(age);
        self
    }

    /// Closes a connection instead of lending it if nobody has used it for this long.
    pub fn idle_timeout(mut self, idle: Duration) -> Self {
        self.limits.idle_timeout = Some(idle);
        self
    }

    /// Lets an `acquire` take this long at most: waiting, checking and connecting together.
    /// With zero it succeeds only if it never has to wait.
    pub fn acquire_timeout(mut self, limit: Duration) -> Self {
        self.limits.acquire_timeout = Some(limit);
        self
    }

    /// Makes the pool. It holds no connection until one is acquired.
    pub fn build(self) -> Pool<M> {
        let turns = Line::new(self.limits.max_size);
        let state = State { idle: Vec::new(), turns, lent: 0, closed: false };
        Pool {
            shared: Arc::new(Shared {
                manager: self.manager,
                limits: self.limits,
                state: Mutex::new(state),
                all_back: Notify::new(),
            }),
        }
    }
}

/// What a [`Pool`] held when it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// The most connections there can be.
    pub max_size: usize,
    /// Connections that wait to be lent.
    pub idle: usize,
    /// Connections that are lent, or being opened, checked or closed.
    pub in_use: usize,
    /// Tasks that wait for their turn.
    pub waiting: usize,
    /// Whether the pool was closed.
    pub closed: bool,
}

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

    fn empty(shared: &Arc<Shared<M>>) -> Self {
        Self { live: None, shared: Arc::clone(shared) }
    }

    async fn is_fit(&mut self) -> bool {
        let Some(live) = &mut self.live else { return false };
        // Also if the check is cancelled: then nobody knows what the connection is in for.
        live.broken = true;
        live.broken =
            live.expired() || !self.shared.manager.is_healthy(&mut live.connection).await;
        !live.broken
    }

    async fn connect(&mut self) -> Result<(), M::Error> {
        let connection = self.shared.manager.connect().await?;
        self.live = Some(Box::new(Live::new(connection, &self.shared.limits)));
        Ok(())
    }

    /// Closes the connection and keeps the turn.
    async fn retire(mut self) -> Result<Self, AcquireError<M::Error>> {
        let Some(live) = self.live.take() else { return Ok(self) };
        // In a task of its own, because a cancelled `acquire` must not cut the `close` short.
        tokio::spawn(self.closing(live)).await.map_err(|e| match e.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The runtime is being shut down, and the pool with it.
            Err(_) => AcquireError::Closed,
        })
    }

    /// The turn goes along, and comes back when the connection is closed.
    fn close_in_background(self, live: Box<Live<M::Connection>>) {
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
            Self::empty(&self.shared).close_in_background(unfit);
        }
    }
}

impl<M: Manager> Shared<M> {
    /// Takes back a turn and its connection, or returns the connection that has to be closed
    /// before its turn can be taken back.
    fn give_back(
        &self,
        live: Option<Box<Live<M::Connection>>>,
    ) -> Option<Box<Live<M::Connection>>> {
        let mut state = lock(&self.state);
        if live.as_ref().is_some_and(|live| live.broken || state.closed) {
            return live;
        }
        state.idle.extend(live);
        state.lent -= 1;
        let next = state.turns.put();
        let all_back = state.closed && state.lent == 0;
        drop(state);
        wake(next);
        if all_back {
            self.all_back.notify_waiters();
        }
        None
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

/// Why a pool did not lend a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AcquireError<E> {
    /// `acquire_timeout` passed first.
    #[error("no connection became available in time")]
    Timeout,
    /// The pool is closed.
    #[error("the pool is closed")]
    Closed,
    /// No connection was idle, and the manager could not make one.
    #[error("could not connect")]
    Connect(#[source] E),
}
