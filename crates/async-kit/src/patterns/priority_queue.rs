//! The most urgent item leaves first, and equals leave in the order they came.
//!
//! Built on one lock around a `BinaryHeap` whose entries carry a sequence number, with a line
//! of pushers that wait for room and a line of poppers that wait for an item.

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
use super::line::{Line, Turn, lock, wake};

/// A bounded queue whose lowest priority leaves first, for many producers and many consumers.
///
/// Answers to `asyncio.PriorityQueue`, where `(priority, item)` pairs of equal priority compare
/// the items, and which cannot be closed before Python 3.13. Tokio has none: its
/// [`mpsc`](tokio::sync::mpsc) keeps the order of sending.
///
/// Cloning gives another handle to the same queue. Those who wait are served first come, first
/// served, and whoever is served takes what is most urgent at that moment. A comparison of
/// priorities that panics may cost the item in hand and the order of the others, nothing else.
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
    room: Line,
    items: Line,
    pushed: u64,
    closed: bool,
}

impl<P, T> State<P, T> {
    /// Whether nothing can ever be popped again.
    fn over(&self) -> bool {
        self.closed && self.heap.is_empty()
    }
}

impl<P: Ord, T> PriorityQueue<P, T> {
    /// Creates a queue with room for `capacity` items.
    ///
    /// # Panics
    ///
    /// If `capacity` is zero: nothing could ever be pushed.
    #[track_caller]
    pub fn bounded(capacity: usize) -> Self {
        assert!(capacity > 0, "a priority queue needs a capacity of at least 1");
        let state = State {
            heap: BinaryHeap::new(),
            room: Line::new(capacity),
            items: Line::new(0),
            pushed: 0,
            closed: false,
        };
        Self { shared: Arc::new(Mutex::new(state)) }
    }

    /// Adds an item, and waits for room while the queue is full.
    ///
    /// A full queue serves those who wait in the order they came, whatever their priority.
    ///
    /// # Errors
    ///
    /// [`PushError`] with the item once the queue is closed, also while this waits for room.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped `push` has not added its item, and drops it. It gives up its
    /// place in line.
    pub async fn push(&self, priority: P, item: T) -> Result<(), PushError<T>> {
        let turn = Turn::new(&self.shared, |state| &mut state.room, |s| s.closed);
        let Some(state) = turn.await else { return Err(PushError(item)) };
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
        if !state.room.try_take() {
            return Err(TryPushError::Full(item));
        }
        insert(state, priority, item);
        Ok(())
    }

    /// Takes the most urgent item, and waits for one while there is none.
    ///
    /// Returns `None` once the queue is closed and empty.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped `pop` has taken no item. It gives up its place in line.
    pub async fn pop(&self) -> Option<T> {
        let turn = Turn::new(&self.shared, |state| &mut state.items, State::over);
        Some(remove(turn.await?))
    }

    /// Takes the most urgent item, if there is one that nobody already waited for.
    pub fn try_pop(&self) -> Option<T> {
        let mut state = self.state();
        state.items.try_take().then(|| remove(state))
    }

    /// Closes the queue: nothing is added from now on, and what is left can still be popped.
    pub fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        let mut wakers = state.room.everybody();
        wakers.extend(state.items.everybody());
        drop(state);
        wake(wakers);
    }

    /// How many items are in the queue.
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

/// Adds an item for which room was taken.
fn insert<P: Ord, T>(state: MutexGuard<'_, State<P, T>>, priority: P, item: T) {
    let mut popper = Woken(None);
    // Declared later, unlocked earlier: also if a comparison panics. By then the permit for the
    // item has been given.
    let mut state = state;
    popper.0 = state.items.put();
    let order = state.pushed;
    state.pushed += 1;
    state.heap.push(Entry { priority, order, item });
}

/// Removes an item for which a permit was taken.
fn remove<P: Ord, T>(state: MutexGuard<'_, State<P, T>>) -> T {
    let mut pusher = Woken(None);
    let mut state = state;
    pusher.0 = state.room.put();
    let entry = state.heap.pop().expect("a permit stands for an item");
    // Who came while this item was still there did not see the end.
    let at_the_end = state.over().then(|| state.items.everybody());
    drop(state);
    wake(at_the_end.into_iter().flatten());
    entry.item
}

/// Wakes somebody when it is dropped, which has to be after the lock.
struct Woken(Option<Waker>);

impl Drop for Woken {
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
