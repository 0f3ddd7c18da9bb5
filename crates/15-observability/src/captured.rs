//! What a test captures is what its own thread logs, whatever the other tests log meanwhile.
//!
//! asyncio: `assertLogs` of `unittest`, or pytest's `caplog`. A subscriber that is the default of
//! a thread, and not of the program, does the same: a test on a current-thread runtime, in
//! virtual time too, runs on its own thread to the end.
#![cfg(test)]

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use tracing::Subscriber;

use crate::logs;

// ANCHOR: captured
/// The lines of a log; a clone writes to the same ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    /// Everything logged while `tracing::subscriber::with_default` or `set_default` has this.
    pub(crate) fn subscriber(&self) -> impl Subscriber + Send + Sync + use<> {
        let log = self.clone();
        logs::lines_to(move || log.clone())
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        let log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&log).lines().map(|line| line.trim().to_owned()).collect()
    }
}

impl Write for Captured {
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
    fn two_threads_that_log_at_once_capture_each_their_own() {
        let log_of = |who: &'static str| {
            let log = Captured::default();
            with_default(log.subscriber(), || (0..3).for_each(|_| info!("{who}")));
            log.lines()
        };
        let [a, b] = thread::scope(|scope| {
            ["a", "b"]
                .map(|who| scope.spawn(move || log_of(who)))
                .map(|it| it.join().unwrap())
        });
        assert_eq!((a, b), (vec!["INFO a".to_owned(); 3], vec!["INFO b".to_owned(); 3]));
    }
}
