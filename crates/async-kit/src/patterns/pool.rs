//! A pool lends at most so many resources, and gets each one back on every path.
//!
//! Built on one lock around a stack of idle connections, with a line of tasks that wait for
//! their turn. Whoever has a turn holds a [`Pooled`], full or still empty, whose `drop` gives
//! the turn back: so connecting, checking and using can each be cancelled and nothing leaks.

mod builder;
mod error;
mod live;
mod loan;
mod manager;

use std::{
    fmt, mem,
    sync::{Arc, Mutex, MutexGuard},
};

use tokio::{sync::Notify, time::timeout};

pub use self::{builder::Builder, error::AcquireError, loan::Pooled, manager::Manager};
use self::{builder::Limits, live::Live};
use super::line::{Line, Turn, lock, wake};

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
/// When the last handle is dropped, idle connections are dropped too, without
/// [`Manager::close`]; call [`close`](Self::close) first.
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

struct State<C> {
    /// The connection returned last is on top. Boxed, so that a loan moves a pointer: with two
    /// limits that is a third of what it costs.
    idle: Vec<Box<Live<C>>>,
    turns: Line,
    /// How many [`Pooled`] there are: turns that somebody or some closing task holds.
    lent: usize,
    closed: bool,
}

impl<M: Manager> Pool<M> {
    /// Starts to describe a pool over this manager; the defaults are listed at [`Builder`].
    pub fn builder(manager: M) -> Builder<M> {
        Builder::new(manager)
    }

    fn new(manager: M, limits: Limits) -> Self {
        let turns = Line::new(limits.max_size);
        let state = State { idle: Vec::new(), turns, lent: 0, closed: false };
        let (state, all_back) = (Mutex::new(state), Notify::new());
        Self { shared: Arc::new(Shared { manager, limits, state, all_back }) }
    }

    /// Borrows a connection, and waits for one while all are in use.
    ///
    /// The connection goes back to the pool when the [`Pooled`] is dropped.
    ///
    /// # Errors
    ///
    /// [`AcquireError::Closed`] once the pool is closed, also while this waits for its turn (one
    /// that already checks or connects goes on, and `close` waits for it);
    /// [`AcquireError::Timeout`] when waiting, checking and connecting together took longer
    /// than `acquire_timeout`; [`AcquireError::Connect`] when the manager could not connect.
    ///
    /// # Panics
    ///
    /// If the manager does; where a limit of time is set or a connection has to be closed,
    /// outside a Tokio runtime with time enabled.
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
        while pooled.is_connected() {
            if pooled.is_fit().await {
                return Ok(pooled);
            }
            pooled = pooled.retire().await?;
            pooled.refill(self.next_idle().ok_or(AcquireError::Closed)?);
        }
        pooled.connect().await.map_err(AcquireError::Connect)?;
        Ok(pooled)
    }

    /// A turn comes with the connection on top, if there is an idle one.
    fn lend(&self, mut state: MutexGuard<'_, State<M::Connection>>) -> Pooled<M> {
        state.lent += 1;
        let live = state.idle.pop();
        drop(state);
        Pooled::new(live, &self.shared)
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
    /// Outside a Tokio runtime nothing can run a [`Manager::close`]: connections are dropped.
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
            Pooled::new(None, &self.shared).close_in_background(live);
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
