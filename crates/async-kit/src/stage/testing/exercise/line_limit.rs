//! A run that prints ten thousand lines is ended, even if it never yields.

use std::{
    fmt,
    panic::resume_unwind,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    thread,
};

use tokio::sync::Notify;

/// A run that prints more lines is ended: a loop that prints is progress for the watchdogs, and may
/// be endless. Arbitrary: no exercise prints a hundred.
const MOST_LINES: usize = 10_000;

/// Ends the loop that prints the line after the last allowed one, and then the run.
#[derive(Default)]
pub(super) struct LineLimit {
    printed: AtomicUsize,
    exceeded: Notify,
}

impl LineLimit {
    /// Counts a line. Unwinds the caller if it is one line too many.
    pub(super) fn count(&self) {
        if self.printed.fetch_add(1, Relaxed) < MOST_LINES {
            return;
        }
        // The run ends at its next await. A loop without an await has none, so it is unwound; but not
        // by a second panic, which would abort the process.
        self.exceeded.notify_one();
        if !thread::panicking() {
            resume_unwind(Box::new("the run printed too many lines"));
        }
    }

    /// Waits until a line is one too many.
    pub(super) async fn exceeded(&self) {
        self.exceeded.notified().await;
    }

    pub(super) fn is_exceeded(&self) -> bool {
        self.printed.load(Relaxed) > MOST_LINES
    }
}

/// Why the run was ended, for the learner.
impl fmt::Display for LineLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ENDLESS: the run printed {MOST_LINES} lines and has not ended.\n   \
             Which loop never ends?"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_may_print_ten_thousand_lines() {
        let limit = LineLimit::default();
        (0..MOST_LINES).for_each(|_| limit.count());
        assert!(!limit.is_exceeded());
    }
}
