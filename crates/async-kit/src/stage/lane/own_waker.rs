//! A lane distinguishes its own wake from a poll for a sibling, and knows when it was woken.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Wake, Waker},
};

use tokio::{runtime::Handle, time::Instant};

/// Distinguishes a lane's own wake from a poll for a sibling: `join!` polls all its futures
/// whenever one of them was woken.
pub(super) struct OwnWaker(Mutex<Known>);

struct Known {
    task: Waker,
    woken: Option<Woken>,
}

/// A wake that no poll has answered yet.
#[derive(Clone, Copy)]
pub(super) struct Woken {
    /// When it came, or when the poll ended during which it came. Unknown for the first poll, and
    /// for a wake by a thread without a runtime, which does not see a paused clock.
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
        Self(Mutex::new(Known { task: Waker::noop().clone(), woken }))
    }
}

impl OwnWaker {
    /// The wake that this poll answers, unless it is for a sibling; from now on it wakes `task`.
    pub(super) fn take(&self, task: &Waker) -> Option<Woken> {
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

    /// A poll is over: if the lane was woken during it, it waits for the next poll from now on.
    pub(super) fn polled(&self) {
        let woken = &mut self.known().woken;
        *woken = woken.map(|_| Woken::now());
    }

    /// The wake that was not answered so far.
    pub(super) fn unanswered(&self) -> Option<Woken> {
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
            known.woken.get_or_insert_with(Woken::now);
            known.task.clone()
        };
        // Outside the lock: a waker may run anything, this lane's poll included.
        task.wake();
    }
}
