//! The current run and the current lane are thread-local, so functions need no handle to them.
//!
//! Therefore tests may run in parallel. A multi-thread runtime installs the same recorder on each of its
//! workers.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    pin::pin,
    sync::{Arc, PoisonError, atomic::Ordering},
};

use super::{recorder::Recorder, recording::LaneId};

thread_local! {
    static CURRENT: RefCell<Option<Recorder>> = const { RefCell::new(None) };
    static LANE: Cell<Option<(RunId, LaneId)>> = const { Cell::new(None) };
}

/// Identifies a run: the number of a lane means nothing to the recorder of another run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::stage) struct RunId(usize);

impl Recorder {
    pub(in crate::stage) fn run(&self) -> RunId {
        RunId(Arc::as_ptr(&self.0).addr())
    }

    /// The recorder of the run that this thread works for, if there is one.
    pub fn current() -> Option<Self> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Makes this the recorder of the calling thread until the guard is dropped.
    #[must_use = "dropping the guard restores the previous recorder"]
    pub fn install(&self) -> Installed {
        let previous = CURRENT.replace(Some(self.clone()));
        if let Some(previous) = previous.as_ref().filter(|it| it.run() != self.run()) {
            previous.delegate_to(Some(self.clone()));
            if previous.is_watched() {
                self.watch();
            }
        }
        Installed { previous }
    }

    /// Records what this future does, and not what other tasks of its thread do, from now on. The clock
    /// starts if it has not started yet.
    ///
    /// Each task can then have a recorder, as each process has. A task that the future spawns is not
    /// recorded, and a lane that was made before the call is in both recordings.
    ///
    /// # Cancel safety
    ///
    /// As cancel safe as the future.
    pub async fn record<F: Future>(&self, future: F) -> F::Output {
        self.begin();
        let mut future = pin!(future);
        poll_fn(|cx| {
            let _here = self.install();
            future.as_mut().poll(cx)
        })
        .await
    }

    /// The recorder that records this run now: this one, or that of a transcript inside the run.
    pub(in crate::stage) fn active(&self) -> Self {
        let delegate =
            self.0.delegate.lock().unwrap_or_else(PoisonError::into_inner).clone();
        delegate.map_or_else(|| self.clone(), |inner| inner.active())
    }

    fn delegate_to(&self, delegate: Option<Self>) {
        *self.0.delegate.lock().unwrap_or_else(PoisonError::into_inner) = delegate;
    }

    /// Makes this the recorder of the calling thread until the thread ends. It is called in
    /// `on_thread_start` of a runtime.
    pub fn install_for_good(&self) {
        CURRENT.set(Some(self.clone()));
    }
}

/// Restores the previous recorder of the thread when dropped.
#[must_use = "dropping the guard restores the previous recorder"]
pub struct Installed {
    previous: Option<Recorder>,
}

impl Drop for Installed {
    fn drop(&mut self) {
        let previous = self.previous.take();
        if let Some(previous) = &previous {
            previous.delegate_to(None);
        }
        CURRENT.set(previous);
    }
}

/// The lane that is being polled on this thread, if it belongs to the thread's current run.
pub(in crate::stage) fn current_lane() -> Option<LaneId> {
    let (run, lane) = LANE.get()?;
    let current = CURRENT.with_borrow(|recorder| recorder.as_ref().map(Recorder::run));
    (current == Some(run)).then_some(lane)
}

/// Makes `lane` the current one of this thread until the guard is dropped.
pub(in crate::stage) struct InLane<'a> {
    recorder: &'a Recorder,
    outer: Option<(RunId, LaneId)>,
}

impl<'a> InLane<'a> {
    pub(in crate::stage) fn enter(recorder: &'a Recorder, lane: LaneId) -> Self {
        if recorder.is_watched() {
            recorder.0.activity.fetch_add(1, Ordering::Relaxed);
            recorder.0.polling.store(lane.0 + 1, Ordering::Relaxed);
        }
        Self { recorder, outer: LANE.replace(Some((recorder.run(), lane))) }
    }
}

impl Drop for InLane<'_> {
    fn drop(&mut self) {
        if self.recorder.is_watched() {
            let polling = self.outer.map_or(0, |(_, LaneId(id))| id + 1);
            self.recorder.0.polling.store(polling, Ordering::Relaxed);
        }
        LANE.set(self.outer);
    }
}
