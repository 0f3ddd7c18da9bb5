//! A task is in the list of running tasks until its only report is written.

use std::{
    collections::{BTreeMap, VecDeque},
    iter,
    sync::{Arc, Mutex, MutexGuard},
    task::Waker,
};

use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{
    super::waiters::{Waiters, lock, wake},
    report::{Outcome, Report, State},
};

/// The state that a monitor and its tasks share.
pub(super) struct Shared<T, E> {
    pub(super) lists: Mutex<Lists<T, E>>,
    pub(super) all_ended: Notify,
}

/// The running tasks, and the reports of the ended ones.
pub(super) struct Lists<T, E> {
    /// By their number, which is in the order of their spawn.
    pub(super) running: BTreeMap<u64, Running>,
    pub(super) reports: VecDeque<Report<T, E>>,
    /// One permit for each report.
    pub(super) waiters: Waiters,
    spawned: u64,
}

/// A task that has not ended.
pub(super) struct Running {
    pub(super) name: String,
    since: Instant,
    cancel: CancellationToken,
}

impl<T, E> Lists<T, E> {
    pub(super) fn tokens_of(&self, name: &str) -> Vec<CancellationToken> {
        let named = self.running.values().filter(|task| task.name == name);
        named.map(|task| task.cancel.clone()).collect()
    }

    pub(super) fn state_of(&self, name: &str) -> Option<State> {
        if self.running.values().any(|task| task.name == name) {
            return Some(State::Running);
        }
        let last = self.reports.iter().rev().find(|report| report.name == name);
        last.map(|report| report.outcome.state())
    }

    pub(super) fn is_over(&self) -> bool {
        self.running.is_empty() && self.reports.is_empty()
    }

    /// Returns the wakers of all waiters if no report can follow. The caller wakes them after it
    /// has unlocked.
    pub(super) fn wakers_if_over(&self) -> Vec<Waker> {
        if self.is_over() { self.waiters.wakers() } else { Vec::new() }
    }

    /// Takes the reports that were not granted to a `next`, or returns `None` while a task runs.
    pub(super) fn take_rest(&mut self) -> Option<Vec<Report<T, E>>> {
        if !self.running.is_empty() {
            return None;
        }
        // If a `next` was woken and has not run yet, fewer permits are free than there are reports.
        let free = iter::from_fn(|| self.waiters.try_acquire().then_some(())).count();
        Some(self.reports.split_off(self.reports.len() - free).into())
    }
}

impl<T, E> Shared<T, E> {
    pub(super) fn lists(&self) -> MutexGuard<'_, Lists<T, E>> {
        lock(&self.lists)
    }
}

// `Default` is not derived, here and below: then it would demand `T: Default` and `E: Default`.
impl<T, E> Default for Shared<T, E> {
    fn default() -> Self {
        Self { lists: Mutex::default(), all_ended: Notify::new() }
    }
}

impl<T, E> Default for Lists<T, E> {
    fn default() -> Self {
        Self {
            running: BTreeMap::new(),
            reports: VecDeque::new(),
            waiters: Waiters::new(0),
            spawned: 0,
        }
    }
}

/// Writes the only report of a task. If it is dropped before that, the task was cancelled.
pub(super) struct Reporter<T, E> {
    shared: Arc<Shared<T, E>>,
    id: u64,
}

impl<T, E> Reporter<T, E> {
    pub(super) fn new(
        shared: &Arc<Shared<T, E>>,
        name: String,
        cancel: CancellationToken,
    ) -> Self {
        let mut lists = shared.lists();
        let id = lists.spawned;
        lists.spawned += 1;
        lists.running.insert(id, Running { name, since: Instant::now(), cancel });
        Self { shared: Arc::clone(shared), id }
    }

    pub(super) fn report(self, outcome: Outcome<T, E>) {
        self.write(outcome);
    }

    fn write(&self, outcome: Outcome<T, E>) {
        let mut lists = self.shared.lists();
        let Some(Running { name, since, .. }) = lists.running.remove(&self.id) else {
            return;
        };
        lists.reports.push_back(Report { name, outcome, took: since.elapsed() });
        let next = lists.waiters.release();
        let all_ended = lists.running.is_empty();
        drop(lists);
        wake(next);
        if all_ended {
            self.shared.all_ended.notify_waiters();
        }
    }
}

impl<T, E> Drop for Reporter<T, E> {
    fn drop(&mut self) {
        self.write(Outcome::Cancelled);
    }
}
