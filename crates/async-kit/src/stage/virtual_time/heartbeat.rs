//! A run in virtual time shows enough of itself to be judged from outside its thread.

use std::{
    pin::pin,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Poll, Waker},
};

use futures::future::poll_fn;
use tokio::time::Instant;

use super::{YEAR, report::Report};

/// What the root future, the section and the runtime leave here while they run.
#[derive(Default)]
pub(super) struct Pulse {
    /// Polls of the root future. It is polled for an answer to a ping, and for little else.
    answers: AtomicU64,
    /// Polls of the section itself.
    section: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How often the runtime had nothing to run.
    parks: u64,
    /// How often the clock had moved meanwhile.
    jumps: u64,
    last_park: Option<Instant>,
    now: Option<Instant>,
    root: Option<Waker>,
    verdict: Option<Report>,
}

/// The counters of a [`Pulse`] at one moment.
pub(super) struct Counts {
    pub(super) answers: u64,
    pub(super) section: u64,
    pub(super) parks: u64,
    pub(super) jumps: u64,
}

impl Pulse {
    /// Notes that the runtime has nothing to run: the clock jumps only from such a moment.
    pub(super) fn parks(&self) {
        let now = Instant::now();
        let mut state = self.state();
        state.parks += 1;
        // Tokio's timer wheel stops several times on the way to a distant timer, but only after
        // the one long jump which shows that nothing else was pending.
        if state.last_park.is_none_or(|last| now - last < YEAR / 2) {
            state.last_park = Some(now);
        }
    }

    /// Notes that the runtime has something to run again, now that the clock may have jumped.
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

    /// The virtual time, for threads that do not see a paused clock.
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

    /// Wakes the root future, which answers as soon as it gets its turn.
    pub(super) fn ping(&self) {
        let root = self.state().root.clone();
        if let Some(root) = root {
            root.wake();
        }
    }

    /// Answers pings until somebody condemns the run.
    pub(super) async fn condemned(&self) -> Report {
        poll_fn(|cx| {
            self.answers.fetch_add(1, Ordering::Relaxed);
            let mut state = self.state();
            state.now = Some(Instant::now());
            state.root = Some(cx.waker().clone());
            state.verdict.take().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    /// Ends the run, as soon as it lets itself be ended.
    pub(super) fn condemn(&self, report: Report) {
        self.state().verdict = Some(report);
        self.ping();
    }

    /// The verdict that the root future found no time to read.
    pub(super) fn unread_verdict(&self) -> Option<Report> {
        self.state().verdict.take()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
