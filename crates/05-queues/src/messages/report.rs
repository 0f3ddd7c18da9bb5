//! Used by `messages`: after a stop, every message that was sent is completed, failed or dead.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// The ids of the messages, by their outcome.
#[derive(Clone, Debug, Default)]
pub(super) struct Report {
    pub(super) sent: usize,
    pub(super) completed: Vec<String>,
    pub(super) failed: Vec<String>,
    /// Messages whose handler panicked at each of their deliveries.
    pub(super) dead: Vec<String>,
    /// The longest time from making a message to the end of its handler, with all waits.
    pub(super) slowest: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sent, completed, failed, dead, slowest } = self;
        write!(f, "sent {sent}, completed {}, failed {failed:?}, ", completed.len())?;
        write!(f, "dead letters {dead:?}, slowest {} ms", slowest.as_millis())
    }
}

/// The report so far. All tasks share it, so it still exists after a consumer has panicked. A value
/// that the consumer returns at its end would be lost.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Report>>);

impl Log {
    pub(super) fn with<T>(&self, f: impl FnOnce(&mut Report) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
