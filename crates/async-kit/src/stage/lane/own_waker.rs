//! A lane knows when it was woken itself, from a poll for the sake of a sibling.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Wake, Waker},
};

use tokio::time::Instant;

/// Tells a lane's own wake from a poll for a sibling's sake: `join!` polls all its futures
/// whenever one of them was woken.
pub(super) struct OwnWaker(Mutex<Known>);

struct Known {
    task: Waker,
    /// The first wake that no poll has answered yet.
    woken: Option<Instant>,
}

impl OwnWaker {
    /// For the first poll, which counts as the lane's own.
    pub(super) fn woken_now() -> Self {
        let task = Waker::noop().clone();
        Self(Mutex::new(Known { task, woken: Some(Instant::now()) }))
    }

    /// When it was woken, unless it is polled for a sibling; from now on it wakes `task`.
    pub(super) fn take(&self, task: &Waker) -> Option<Instant> {
        let (woken, before) = {
            let mut known = self.known();
            let before = (!known.task.will_wake(task))
                .then(|| mem::replace(&mut known.task, task.clone()));
            (known.woken.take(), before)
        };
        // Outside the lock: dropping a waker may run anything, a wake of this lane included.
        drop(before);
        woken
    }

    /// A poll is over: who was woken during it waits for the next one from now on.
    pub(super) fn polled(&self) {
        if let Some(woken) = &mut self.known().woken {
            *woken = Instant::now();
        }
    }

    /// Since when it waits to be polled.
    pub(super) fn woken(&self) -> Option<Instant> {
        self.known().woken
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for OwnWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let task = {
            let mut known = self.known();
            known.woken.get_or_insert_with(Instant::now);
            known.task.clone()
        };
        // Outside the lock: a waker may run anything, this lane's poll included.
        task.wake();
    }
}
