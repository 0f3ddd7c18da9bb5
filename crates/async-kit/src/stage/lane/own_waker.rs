//! A lane distinguishes its own wake from a poll for a sibling, and records when it was woken.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Wake, Waker},
};

use tokio::{runtime::Handle, time::Instant};

/// Distinguishes a lane's own wake from a poll for a sibling: `join!` polls all its futures
/// whenever one of them was woken.
pub(super) struct OwnWaker(Mutex<State>);

struct State {
    task: Waker,
    woken: Option<Woken>,
}

/// A wake that no poll has answered yet.
#[derive(Clone, Copy)]
pub(super) struct Woken {
    /// The time of the wake. If the lane was woken during a poll, the time at which that poll ended.
    /// `None` for the first poll, and for a wake by a thread without a runtime: such a thread does
    /// not see a paused clock.
    pub(super) since: Option<Instant>,
}

impl Woken {
    fn now() -> Self {
        Self { since: Handle::try_current().is_ok().then(Instant::now) }
    }
}

impl Default for OwnWaker {
    fn default() -> Self {
        // The first poll counts as the lane's own.
        let woken = Some(Woken { since: None });
        Self(Mutex::new(State { task: Waker::noop().clone(), woken }))
    }
}

impl OwnWaker {
    /// Returns the wake that this poll answers, or `None` if the poll is for a sibling. From now on
    /// this waker wakes `task`.
    pub(super) fn take(&self, task: &Waker) -> Option<Woken> {
        let (woken, old) = {
            let mut state = self.state();
            let old = (!state.task.will_wake(task))
                .then(|| mem::replace(&mut state.task, task.clone()));
            (state.woken.take(), old)
        };
        // Outside the lock: dropping a waker may run any code, even a wake of this lane.
        drop(old);
        woken
    }

    /// Records that a poll has ended. If the lane was woken during that poll, its delay until the next
    /// poll begins now.
    pub(super) fn polled(&self) {
        let woken = &mut self.state().woken;
        *woken = woken.map(|_| Woken::now());
    }

    /// The wake that no poll has answered yet.
    pub(super) fn unanswered(&self) -> Option<Woken> {
        self.state().woken
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for OwnWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let task = {
            let mut state = self.state();
            state.woken.get_or_insert_with(Woken::now);
            state.task.clone()
        };
        // Outside the lock: a waker may run any code, even the poll of this lane.
        task.wake();
    }
}
