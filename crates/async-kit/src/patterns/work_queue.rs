//! An item that a worker receives and does not finish is delivered again.
//!
//! Built on one lock around a `VecDeque`, with a queue of senders that wait for room and a queue
//! of receivers that wait for an item. A worker holds a [`Job`], whose `drop` returns the item to
//! the queue. So the item returns whether the worker returns, panics or is cancelled.

mod error;
mod job;
mod shared;

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::Notify;

use self::shared::{Entry, Shared, State};
pub use self::{error::SendError, job::Job};
use super::waiters::{Acquire, Waiters, lock, wake};

/// How many times an item is delivered if [`WorkQueue::max_deliveries`] is not called. Arbitrary:
/// two workers may fail for reasons that have nothing to do with the item.
const MAX_DELIVERIES: u32 = 3;

/// A bounded queue for many producers and many workers that loses no item to a failing worker.
///
/// Corresponds to `asyncio.Queue` with its `task_done` and `join`. There, a worker that fails
/// between `get` and `task_done` loses its item, and `join` never returns. Tokio's
/// [`mpsc`](tokio::sync::mpsc) has a single receiver, and does not keep an item once it is
/// received.
///
/// Cloning gives another handle to the same queue.
///
/// # Fairness
///
/// Senders and receivers are served in FIFO order.
///
/// # Redelivery
///
/// If a [`Job`] is dropped without [`done`](Job::done), its item is delivered again, at most 3
/// times in all (see [`max_deliveries`](Self::max_deliveries)). It returns to its old position:
/// ahead of the items that were sent after it, behind those that were sent before it. An item
/// that was not done in its last delivery becomes a [dead letter](Self::dead_letters).
///
/// # Capacity
///
/// The capacity limits the items that wait for a worker, not those that a worker holds. An item
/// that returns from a worker needs no room.
///
/// # Shutdown
///
/// After [`close`](Self::close), `send` fails, and workers receive the items that are left. `recv`
/// returns `None` when the queue is empty and no worker holds an item.
///
/// # Examples
///
/// ```
/// # use async_kit::WorkQueue;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let queue = WorkQueue::bounded(10);
/// queue.send("mail").await.expect("the queue is open");
/// queue.close();
///
/// while let Some(job) = queue.recv().await {
///     if job.deliveries() == 1 {
///         continue; // not done: dropping the job returns the item to the queue
///     }
///     assert_eq!(job.done(), "mail");
/// }
/// # }
/// ```
pub struct WorkQueue<T> {
    shared: Arc<Shared<T>>,
}

impl<T> WorkQueue<T> {
    /// Creates a queue with room for `capacity` items that wait for a worker, each of which is
    /// delivered at most 3 times.
    ///
    /// # Panics
    ///
    /// Panics if `capacity` is zero: nothing could ever be sent.
    #[track_caller]
    pub fn bounded(capacity: usize) -> Self {
        assert!(capacity > 0, "a work queue needs a capacity of at least 1");
        let state = State {
            queue: VecDeque::new(),
            returned: BTreeMap::new(),
            room: Waiters::new(capacity),
            items: Waiters::new(0),
            sent: 0,
            finishes: 0,
            max_deliveries: MAX_DELIVERIES,
            dead: Vec::new(),
            closed: false,
        };
        let shared = Shared {
            state: Mutex::new(state),
            unfinished: AtomicUsize::new(0),
            all_finished: Notify::new(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Delivers each item at most `times` times, instead of 3, before it becomes a dead letter.
    ///
    /// # Panics
    ///
    /// Panics if `times` is zero: nothing could ever be received.
    #[must_use = "it consumes the queue and returns it: use the returned value"]
    #[track_caller]
    pub fn max_deliveries(self, times: u32) -> Self {
        assert!(times > 0, "an item has to be delivered at least once");
        self.state().max_deliveries = times;
        self
    }

    /// Adds an item to the end of the queue, and waits for room while the queue is full.
    ///
    /// # Errors
    ///
    /// [`SendError`] with the item once the queue is closed, even if this call is already waiting
    /// for room.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped `send` has not sent its item, and drops it. It loses its position in
    /// the wait queue. If the item must not be lost, spawn a task that sends it.
    pub async fn send(&self, item: T) -> Result<(), SendError<T>> {
        let room =
            Acquire::new(&self.shared.state, |state| &mut state.room, |s| s.closed);
        let Some(mut state) = room.await else { return Err(SendError(item)) };
        let order = state.sent;
        state.sent += 1;
        self.shared.unfinished.fetch_add(1, Ordering::AcqRel);
        state.queue.push_back(Entry { item, order, deliveries: 0 });
        let receiver = state.items.release();
        drop(state);
        wake(receiver);
        Ok(())
    }

    /// Receives the first item. If there is none, waits for one.
    ///
    /// Returns `None` only when the queue is closed and empty, and no worker holds a job whose
    /// item could still return.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped `recv` has received no item. It loses its position in the wait
    /// queue.
    pub async fn recv(&self) -> Option<Job<T>> {
        let item = Acquire::new(
            &self.shared.state,
            |state| &mut state.items,
            |s| self.shared.is_over(s),
        );
        let mut state = item.await?;
        let mut entry = state.pop().expect("each permit represents an item");
        entry.deliveries += 1;
        // A returned item has already released its room, at its first delivery.
        let sender = if entry.deliveries == 1 { state.room.release() } else { None };
        drop(state);
        wake(sender);
        Some(Job::new(entry, &self.shared))
    }

    /// Waits until every item that was sent is done or dead.
    ///
    /// Corresponds to `Queue.join`: it also waits for items that are sent during the wait. If
    /// every item is finished, it returns immediately. It does not need [`close`](Self::close).
    /// If no worker is left and an item is unfinished, it never returns.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it changes nothing.
    pub async fn join(&self) {
        let before = self.state().finishes;
        loop {
            // `all_finished` is created before the check. Otherwise an item finished between the
            // check and the await would not wake this task.
            let all_finished = self.shared.all_finished.notified();
            if self.shared.was_finished_since(before) {
                return;
            }
            // After a wake-up the loop checks again: the wake-up may be a late one, caused by an
            // item that was finished before this call.
            all_finished.await;
        }
    }

    /// Closes the queue: from now on `send` fails, and workers receive the items that are left.
    pub fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        let mut wakers = state.room.wakers();
        if self.shared.is_over(&state) {
            wakers.extend(state.items.wakers());
        }
        drop(state);
        wake(wakers);
    }

    /// Takes the items that were not done in any of their allowed deliveries, in the order in which
    /// they became dead letters.
    ///
    /// A second call returns only the dead letters that were added since. The queue keeps them
    /// without a limit until they are taken.
    #[must_use = "the dead letters are taken out of the queue"]
    pub fn dead_letters(&self) -> Vec<T> {
        std::mem::take(&mut self.state().dead)
    }

    /// Returns how many items wait for a worker. Items that a worker holds are not counted.
    pub fn len(&self) -> usize {
        self.state().len()
    }

    /// Whether no item waits for a worker.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        lock(&self.shared.state)
    }
}

impl<T> Clone for WorkQueue<T> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<T> fmt::Debug for WorkQueue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("WorkQueue")
            .field("queued", &state.len())
            .field("unfinished", &self.shared.unfinished)
            .field("dead", &state.dead.len())
            .field("closed", &state.closed)
            .finish()
    }
}
