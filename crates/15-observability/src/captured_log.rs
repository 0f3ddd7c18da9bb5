//! The tests of `timed`, `json_lines` and `writer` capture only what their own thread logs.
//!
//! asyncio: `assertLogs` of `unittest`, or pytest's `caplog`. Here the subscriber is the default of
//! one thread, not of the program. A test on a current-thread runtime, in virtual time too, stays
//! on its thread until it ends.
#![cfg(test)]

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use tracing::Subscriber;

use crate::logs;

// ANCHOR: captured
/// A log in memory. Clones write to the same log.
#[derive(Clone, Debug, Default)]
pub(crate) struct CapturedLog(Arc<Mutex<Vec<u8>>>);

impl CapturedLog {
    /// Returns a subscriber for `tracing::subscriber::with_default` or `set_default`.
    pub(crate) fn subscriber(&self) -> impl Subscriber + Send + Sync + use<> {
        let log = self.clone();
        logs::lines_to(move || log.clone())
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        let log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&log).lines().map(|line| line.trim().to_owned()).collect()
    }
}

impl Write for CapturedLog {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
// ANCHOR_END: captured

#[cfg(test)]
mod tests {
    use std::thread;

    use tracing::{info, subscriber::with_default};

    use super::*;

    #[test]
    fn each_thread_captures_only_its_own_events() {
        let log_of = |name: &'static str| {
            let log = CapturedLog::default();
            with_default(log.subscriber(), || (0..3).for_each(|_| info!("{name}")));
            log.lines()
        };
        let [a, b] = thread::scope(|scope| {
            ["a", "b"]
                .map(|name| scope.spawn(move || log_of(name)))
                .map(|thread| thread.join().unwrap())
        });
        assert_eq!((a, b), (vec!["INFO a".to_owned(); 3], vec!["INFO b".to_owned(); 3]));
    }
}
