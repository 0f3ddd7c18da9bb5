//! A returned item is queued at its old position, or becomes a dead letter.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::Notify;

use super::super::waiters::{Waiters, lock, wake};

/// The state that the handles of a queue and the jobs of its workers share.
// Every job changes the counts of the `Arc`. The alignment keeps this struct on other cache lines.
// On two threads this saves a tenth of the cost of an item. It is 128 bytes, because processors
// fetch two cache lines of 64 bytes together.
#[repr(align(128))]
pub(super) struct Shared<T> {
    pub(super) state: Mutex<State<T>>,
    /// Items that were sent, and are not yet done or dead: queued, or held by a worker. Changes from
    /// and to zero happen under the lock; any other change needs no lock.
    pub(super) unfinished: AtomicUsize,
    pub(super) all_finished: Notify,
}

pub(super) struct State<T> {
    /// Items that were never delivered, in the order of sending.
    pub(super) queue: VecDeque<Entry<T>>,
    /// Items that a worker returned, by the order of sending. Each was sent before those in `queue`.
    pub(super) returned: BTreeMap<u64, Entry<T>>,
    pub(super) room: Waiters,
    pub(super) items: Waiters,
    pub(super) sent: u64,
    /// How many times `unfinished` has returned to zero.
    pub(super) finishes: u64,
    pub(super) max_deliveries: u32,
    pub(super) dead: Vec<T>,
    pub(super) closed: bool,
}

pub(super) struct Entry<T> {
    pub(super) item: T,
    pub(super) order: u64,
    pub(super) deliveries: u32,
}

impl<T> State<T> {
    /// Takes the item that was sent first.
    pub(super) fn pop(&mut self) -> Option<Entry<T>> {
        match self.returned.pop_first() {
            Some((_, entry)) => Some(entry),
            None => self.queue.pop_front(),
        }
    }

    /// How many items wait for a worker.
    pub(super) fn len(&self) -> usize {
        self.returned.len() + self.queue.len()
    }
}

impl<T> Shared<T> {
    fn is_finished(&self) -> bool {
        self.unfinished.load(Ordering::Acquire) == 0
    }

    pub(super) fn was_finished_since(&self, before: u64) -> bool {
        let state = lock(&self.state);
        self.is_finished() || state.finishes > before
    }

    /// Whether no item can be received any more.
    pub(super) fn is_over(&self, state: &State<T>) -> bool {
        state.closed && self.is_finished()
    }

    /// Counts one item as finished. If another one is unfinished, this needs no lock.
    pub(super) fn finish_one(&self) {
        let not_the_last = |unfinished| (unfinished > 1).then(|| unfinished - 1);
        let (set, get) = (Ordering::AcqRel, Ordering::Acquire);
        if self.unfinished.fetch_update(set, get, not_the_last).is_err() {
            self.finish_locked(lock(&self.state));
        }
    }

    fn finish_locked(&self, mut state: MutexGuard<'_, State<T>>) {
        if self.unfinished.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        state.finishes += 1;
        let receivers = if state.closed { state.items.wakers() } else { Vec::new() };
        drop(state);
        self.all_finished.notify_waiters();
        wake(receivers);
    }

    pub(super) fn return_to_queue(&self, entry: Entry<T>) {
        let mut state = lock(&self.state);
        if entry.deliveries >= state.max_deliveries {
            state.dead.push(entry.item);
            return self.finish_locked(state);
        }
        state.returned.insert(entry.order, entry);
        let receiver = state.items.release();
        drop(state);
        wake(receiver);
    }
}
