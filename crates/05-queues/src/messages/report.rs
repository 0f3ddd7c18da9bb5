//! When the system has stopped, every message sent is completed, failed or dead.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// What became of the messages, by their ids.
#[derive(Clone, Debug, Default)]
pub(super) struct Report {
    pub(super) sent: usize,
    pub(super) completed: Vec<String>,
    pub(super) failed: Vec<String>,
    /// Handed out as often as allowed, and never answered: their handler panicked each time.
    pub(super) dead: Vec<String>,
    /// From being made, the wait for room included, to being handled.
    pub(super) slowest: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sent, completed, failed, dead, slowest } = self;
        write!(f, "sent {sent}, completed {}, failed {failed:?}, ", completed.len())?;
        write!(f, "dead {dead:?}, slowest {} ms", slowest.as_millis())
    }
}

/// The report as it grows. It outlives a consumer that dies, where a returned value would not.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Report>>);

impl Log {
    pub(super) fn with<T>(&self, f: impl FnOnce(&mut Report) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
