//! A heartbeat lets another thread see whether a run in virtual time makes progress.

use std::{
    pin::pin,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Poll, Waker},
    time::Duration,
};

use futures::future::poll_fn;
use tokio::time::Instant;

use super::report::Report;

/// The delay of the sentinel: far beyond every timer of a section. Arbitrary, but short enough for
/// Tokio's timer wheel.
pub(super) const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The counters that the root future, the section and the runtime update while they run.
#[derive(Default)]
pub(super) struct Heartbeat {
    /// Polls of the root future. Nearly all of them answer a ping.
    answers: AtomicU64,
    /// Polls of the section itself.
    section: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How many times the runtime had nothing to run.
    parks: u64,
    /// How many times the clock had moved when the runtime had something to run again.
    jumps: u64,
    last_park: Option<Instant>,
    now: Option<Instant>,
    root: Option<Waker>,
    abort: Option<Report>,
}

/// The counters of a [`Heartbeat`] at one moment.
pub(super) struct Counts {
    pub(super) answers: u64,
    pub(super) section: u64,
    pub(super) parks: u64,
    pub(super) jumps: u64,
}

impl Heartbeat {
    /// Records that the runtime has nothing to run. Only then can the clock jump.
    pub(super) fn parks(&self) {
        let now = Instant::now();
        let mut state = self.state();
        state.parks += 1;
        // Tokio's timer wheel stops several times on the way to a distant timer. But the first
        // jump is the long one, which shows that no other timer was pending.
        if state.last_park.is_none_or(|last| now - last < YEAR / 2) {
            state.last_park = Some(now);
        }
    }

    /// Records that the runtime has something to run again. The clock may have jumped before.
    pub(super) fn unparks(&self) {
        let now = Instant::now();
        let mut state = self.state();
        state.jumps += u64::from(state.now != Some(now));
        state.now = Some(now);
    }

    /// When the runtime last had nothing to run.
    pub(super) fn last_park(&self) -> Option<Instant> {
        self.state().last_park
    }

    /// The virtual time, for threads outside the paused runtime.
    pub(super) fn now(&self) -> Instant {
        self.state().now.unwrap_or_else(Instant::now)
    }

    pub(super) fn counts(&self) -> Counts {
        let (answers, section) = (&self.answers, &self.section);
        let state = self.state();
        Counts {
            answers: answers.load(Ordering::Relaxed),
            section: section.load(Ordering::Relaxed),
            parks: state.parks,
            jumps: state.jumps,
        }
    }

    /// Counts the polls of the section.
    pub(super) async fn counted<F: Future>(&self, section: F) -> F::Output {
        let mut section = pin!(section);
        poll_fn(|cx| {
            self.section.fetch_add(1, Ordering::Relaxed);
            section.as_mut().poll(cx)
        })
        .await
    }

    /// Wakes the root future, which answers as soon as it is polled.
    pub(super) fn ping(&self) {
        let root = self.state().root.clone();
        if let Some(root) = root {
            root.wake();
        }
    }

    /// Answers pings until the run is aborted.
    pub(super) async fn aborted(&self) -> Report {
        poll_fn(|cx| {
            self.answers.fetch_add(1, Ordering::Relaxed);
            let mut state = self.state();
            state.now = Some(Instant::now());
            state.root = Some(cx.waker().clone());
            state.abort.take().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    /// Aborts the run as soon as its root future is polled.
    pub(super) fn abort(&self, report: Report) {
        self.state().abort = Some(report);
        self.ping();
    }

    /// The report of an abort that the root future has not read, because it was not polled.
    pub(super) fn unread_abort(&self) -> Option<Report> {
        self.state().abort.take()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;
    use crate::Millis;

    #[tokio::test(start_paused = true)]
    async fn only_a_clock_that_has_moved_counts_as_a_jump() {
        let heartbeat = Heartbeat::default();
        let mut jumps = Vec::new();
        for pause in [0.ms(), 0.ms(), 1.ms(), 0.ms()] {
            advance(pause).await;
            heartbeat.unparks();
            jumps.push(heartbeat.counts().jumps);
        }
        assert_eq!(jumps, [1, 1, 2, 2], "the first is the beginning");
    }
}
