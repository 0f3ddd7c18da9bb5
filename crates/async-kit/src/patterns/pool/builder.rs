//! A builder refuses a pool that could never have a connection.

use std::time::Duration;

use super::manager::Manager;

/// The limits of a [`Pool`](super::Pool).
pub(super) struct Limits {
    pub(super) max_size: usize,
    pub(super) max_lifetime: Option<Duration>,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) acquire_timeout: Option<Duration>,
    pub(super) close_timeout: Duration,
}

/// Arbitrary: longer than a server needs to answer a farewell.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

/// The settings of a [`Pool`](super::Pool).
///
/// Defaults: [`max_size`](Self::max_size) 10, [`max_lifetime`](Self::max_lifetime) none,
/// [`idle_timeout`](Self::idle_timeout) none, [`acquire_timeout`](Self::acquire_timeout) none,
/// [`close_timeout`](Self::close_timeout) 10 seconds.
/// Any duration is allowed; one that reaches beyond the end of the clock is no limit.
#[must_use = "a builder makes no pool until `build`"]
pub struct Builder<M> {
    pub(super) manager: M,
    pub(super) limits: Limits,
}

impl<M: Manager> Builder<M> {
    pub(super) fn new(manager: M) -> Self {
        let limits = Limits {
            max_size: 10,
            max_lifetime: None,
            idle_timeout: None,
            acquire_timeout: None,
            close_timeout: CLOSE_TIMEOUT,
        };
        Self { manager, limits }
    }

    /// Limits the number of connections, including those being opened or closed.
    ///
    /// # Panics
    ///
    /// Panics if `size` is zero: no task could ever acquire a connection.
    #[track_caller]
    pub fn max_size(mut self, size: usize) -> Self {
        assert!(size > 0, "a pool needs a size of at least 1");
        self.limits.max_size = size;
        self
    }

    /// Closes an idle connection, instead of using it again, once it is this old. A connection
    /// in use is not affected.
    pub fn max_lifetime(mut self, age: Duration) -> Self {
        self.limits.max_lifetime = Some(age);
        self
    }

    /// Closes a connection, instead of using it again, if it has been idle for this long.
    pub fn idle_timeout(mut self, idle: Duration) -> Self {
        self.limits.idle_timeout = Some(idle);
        self
    }

    /// Limits the time of one `acquire`: waiting, checking and connecting together. With zero,
    /// `acquire` succeeds only if it never has to wait.
    pub fn acquire_timeout(mut self, limit: Duration) -> Self {
        self.limits.acquire_timeout = Some(limit);
        self
    }

    /// Limits the time of one [`Manager::close`]; 10 seconds if not set. At the limit the connection is
    /// dropped. A connection counts until then, so without a limit one that is never closed would
    /// take a slot of the pool for good.
    pub fn close_timeout(mut self, limit: Duration) -> Self {
        self.limits.close_timeout = limit;
        self
    }
}
