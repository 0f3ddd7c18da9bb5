//! The lowest priority leaves first, and items of equal priority leave in FIFO order.
//!
//! Built on one lock around a `BinaryHeap` whose entries have a sequence number, with a queue of
//! tasks that wait to push and a queue of tasks that wait to pop.

mod entry;
mod error;

use std::{
    collections::BinaryHeap,
    fmt,
    sync::{Arc, Mutex, MutexGuard},
    task::Waker,
};

use self::entry::Entry;
pub use self::error::{PushError, TryPushError};
use super::waiters::{Acquire, Waiters, lock, wake};

/// A bounded queue whose lowest priority leaves first, for many producers and many consumers.
///
/// Corresponds to `asyncio.PriorityQueue`. There, if two `(priority, item)` pairs have equal
/// priorities, their items are compared. A queue can be closed since Python 3.13. This one has no
/// `task_done` and no `join`: it does not track an item that was popped. [`WorkQueue`](super::WorkQueue)
/// does, in the order of sending. Tokio has no priority queue: its [`mpsc`](tokio::sync::mpsc) keeps the order of sending.
///
/// Cloning gives another handle to the same queue.
///
/// # Fairness
///
/// Waiting tasks are served in FIFO order. A woken `pop` gets the item that is most urgent when it
/// runs, not the one that was most urgent when it was woken. While the queue is full, waiting
/// `push` calls are served in FIFO order too, whatever their priorities.
///
/// # Shutdown
///
/// After [`close`](Self::close), `push` fails, and `pop` returns `None` once the queue is empty.
///
/// # Examples
///
/// ```
/// # use async_kit::PriorityQueue;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), async_kit::priority_queue::PushError<&'static str>> {
/// let queue = PriorityQueue::bounded(10);
/// queue.push(3, "tidy up").await?;
/// queue.push(1, "put out the fire").await?;
/// queue.close();
///
/// assert_eq!(queue.pop().await, Some("put out the fire"));
/// assert_eq!(queue.pop().await, Some("tidy up"));
/// assert_eq!(queue.pop().await, None);
/// # Ok(())
/// # }
/// ```
pub struct PriorityQueue<P, T> {
    shared: Arc<Mutex<State<P, T>>>,
}

struct State<P, T> {
    heap: BinaryHeap<Entry<P, T>>,
    room: Waiters,
    items: Waiters,
    pushed: u64,
    closed: bool,
}

impl<P, T> State<P, T> {
    /// Whether no item can be popped any more.
    fn is_over(&self) -> bool {
        self.closed && self.heap.is_empty()
    }
}

impl<P: Ord, T> PriorityQueue<P, T> {
    /// Creates a queue with room for `capacity` items.
    ///
    /// # Panics
    ///
    /// Panics if `capacity` is zero: nothing could ever be pushed.
    #[track_caller]
    pub fn bounded(capacity: usize) -> Self {
        assert!(capacity > 0, "a priority queue needs a capacity of at least 1");
        let state = State {
            heap: BinaryHeap::new(),
            room: Waiters::new(capacity),
            items: Waiters::new(0),
            pushed: 0,
            closed: false,
        };
        Self { shared: Arc::new(Mutex::new(state)) }
    }

    /// Adds an item, and waits for room while the queue is full.
    ///
    /// # Errors
    ///
    /// [`PushError`] with the item once the queue is closed, even if this call is already waiting
    /// for room.
    ///
    /// # Panics
    ///
    /// Panics if a comparison of two priorities panics. The item may then be lost, and the order of
    /// the other items is undefined. The queue itself stays usable. The same holds for every method
    /// that adds or takes an item.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped `push` has not added its item, and drops it. It loses its position
    /// in the wait queue.
    pub async fn push(&self, priority: P, item: T) -> Result<(), PushError<T>> {
        let room = Acquire::new(&self.shared, |state| &mut state.room, |s| s.closed);
        let Some(state) = room.await else { return Err(PushError(item)) };
        insert(state, priority, item);
        Ok(())
    }

    /// Adds an item if there is room now.
    ///
    /// # Errors
    ///
    /// [`TryPushError`] with the item if the queue is full or closed.
    pub fn try_push(&self, priority: P, item: T) -> Result<(), TryPushError<T>> {
        let mut state = self.state();
        if state.closed {
            return Err(TryPushError::Closed(item));
        }
        if !state.room.try_acquire() {
            return Err(TryPushError::Full(item));
        }
        insert(state, priority, item);
        Ok(())
    }

    /// Takes the most urgent item. If there is none, waits for one.
    ///
    /// Returns `None` once the queue is closed and empty.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped `pop` has taken no item. It loses its position in the wait queue.
    pub async fn pop(&self) -> Option<T> {
        let item = Acquire::new(&self.shared, |state| &mut state.items, State::is_over);
        Some(remove(item.await?))
    }

    /// Takes the most urgent item without waiting. Returns `None` if there is none, or if every
    /// item is reserved for a `pop` that was woken.
    pub fn try_pop(&self) -> Option<T> {
        let mut state = self.state();
        state.items.try_acquire().then(|| remove(state))
    }

    /// Closes the queue: from now on nothing can be added. The items in it can still be popped.
    pub fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        let mut wakers = state.room.wakers();
        wakers.extend(state.items.wakers());
        drop(state);
        wake(wakers);
    }

    /// Returns how many items are in the queue.
    pub fn len(&self) -> usize {
        self.state().heap.len()
    }

    /// Whether the queue holds no item.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn state(&self) -> MutexGuard<'_, State<P, T>> {
        lock(&self.shared)
    }
}

/// Adds an item whose permit for room was acquired.
fn insert<P: Ord, T>(state: MutexGuard<'_, State<P, T>>, priority: P, item: T) {
    let mut popper = WakeOnDrop(None);
    // `state` is declared after `popper`, so it is dropped first: the lock is released before the
    // task is woken. If a comparison panics, the task must be woken too, because it was already
    // granted the permit for the item.
    let mut state = state;
    popper.0 = state.items.release();
    let order = state.pushed;
    state.pushed += 1;
    state.heap.push(Entry { priority, order, item });
}

/// Removes an item whose permit was acquired.
fn remove<P: Ord, T>(state: MutexGuard<'_, State<P, T>>) -> T {
    let mut pusher = WakeOnDrop(None);
    let mut state = state;
    pusher.0 = state.room.release();
    let entry = state.heap.pop().expect("each permit represents an item");
    // If this was the last item of a closed queue, no later call would wake the tasks that wait
    // in `pop`.
    let poppers = state.is_over().then(|| state.items.wakers());
    drop(state);
    wake(poppers.into_iter().flatten());
    entry.item
}

/// Wakes a task when this is dropped. The lock must be released before.
struct WakeOnDrop(Option<Waker>);

impl Drop for WakeOnDrop {
    #[inline]
    fn drop(&mut self) {
        wake(self.0.take());
    }
}

impl<P, T> Clone for PriorityQueue<P, T> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<P, T> fmt::Debug for PriorityQueue<P, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = lock(&self.shared);
        f.debug_struct("PriorityQueue")
            .field("len", &state.heap.len())
            .field("closed", &state.closed)
            .finish_non_exhaustive()
    }
}
