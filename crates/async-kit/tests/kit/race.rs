//! Two threads work on the same value in many rounds, each of which they begin together.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// One round of a race, as the observing thread sees it.
pub(crate) struct Round<'a> {
    /// The number of the round, from 1.
    pub(crate) number: usize,
    begun: &'a AtomicUsize,
    ended: &'a AtomicUsize,
}

impl Round<'_> {
    /// Lets the other thread begin its part.
    pub(crate) fn begin(&self) {
        self.begun.store(self.number, Ordering::Release);
    }

    /// Whether the other thread has ended its part.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire) >= self.number
    }

    /// Waits until the other thread has ended its part.
    pub(crate) fn wait_for_end(&self) {
        reached(self.ended, self.number);
    }
}

/// Runs one round for each value, and counts the rounds that `has_failed`.
///
/// `act` runs on another thread, after [`Round::begin`]. `has_failed` must not panic: the other
/// thread would then wait forever.
pub(crate) fn failed_rounds<T: Sync>(
    values: &[T],
    act: impl Fn(&T) + Sync,
    has_failed: impl Fn(&Round<'_>, &T) -> bool,
) -> usize {
    let (begun, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            for (number, value) in (1..).zip(values) {
                reached(&begun, number);
                act(value);
                ended.store(number, Ordering::Release);
            }
        });
        let round = |number| Round { number, begun: &begun, ended: &ended };
        (1..)
            .zip(values)
            .filter(|(number, value)| has_failed(&round(*number), value))
            .count()
    })
}

fn reached(counter: &AtomicUsize, number: usize) {
    while counter.load(Ordering::Acquire) < number {
        thread::yield_now();
    }
}
