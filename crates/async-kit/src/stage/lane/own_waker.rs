//! A lane knows whether it was woken itself, or polled for the sake of a sibling.

use std::{
    mem,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Wake, Waker},
};

/// Tells a lane's own wake from a poll for a sibling's sake: `join!` polls all its futures
/// whenever one of them was woken.
pub(super) struct OwnWaker {
    woken: AtomicBool,
    task: Mutex<Waker>,
}

impl Default for OwnWaker {
    fn default() -> Self {
        // The first poll counts as the lane's own.
        Self { woken: AtomicBool::new(true), task: Mutex::new(Waker::noop().clone()) }
    }
}

impl OwnWaker {
    /// Whether it was woken since the last call; from now on it wakes `task`.
    pub(super) fn take(&self, task: &Waker) -> bool {
        let before = {
            let mut known = self.task.lock().unwrap_or_else(PoisonError::into_inner);
            (!known.will_wake(task)).then(|| mem::replace(&mut *known, task.clone()))
        };
        // Outside the lock: dropping a waker may run anything, a wake of this lane included.
        drop(before);
        self.woken.swap(false, Ordering::AcqRel)
    }
}

impl Wake for OwnWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // Outside the lock: a waker may run anything, this lane's poll included.
        task.wake();
    }
}
