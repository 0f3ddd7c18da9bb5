//! An item handed to a worker that does not finish it is handed out again.
//!
//! Built on one lock around a `VecDeque`, with a line of senders that wait for room and a line
//! of receivers that wait for an item. A [`Job`] is the receipt: dropping it is what gives the
//! item back, so no way out of a worker can forget to.

mod error;
mod job;

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::Notify;

pub use self::{error::SendError, job::Job};
use super::line::{Line, Turn, lock, wake};

/// How often an item is handed out unless [`WorkQueue::max_deliveries`] says otherwise.
/// Arbitrary: twice forgives one crash, and three times forgives bad luck.
const MAX_DELIVERIES: u32 = 3;

/// A bounded queue for many producers and many workers that loses no item to a failing worker.
///
/// Answers to `asyncio.Queue` with its `task_done` and `join`, where a worker that dies between
/// `get` and `task_done` loses its item and leaves `join` waiting for ever. Tokio's
/// [`mpsc`](tokio::sync::mpsc) has a single receiver, and forgets an item once it is received.
///
/// Cloning gives another handle to the same queue. Senders and receivers are served first come,
/// first served. The capacity bounds what is queued, not what is being worked on; an item that
/// comes back from a worker needs no room, and takes its old place: ahead of the items that came
/// after it, behind those that came before it.
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
///         continue; // not done: dropping the job hands the item out again
///     }
///     assert_eq!(job.done(), "mail");
/// }
/// # }
/// ```
pub struct WorkQueue<T> {
    shared: Arc<Shared<T>>,
}

// Away from the counts of its `Arc`, which every job changes: on two threads that is a tenth of
// what an item costs. 128 bytes are two cache lines, which processors fetch together.
#[repr(align(128))]
struct Shared<T> {
    state: Mutex<State<T>>,
    /// Sent, and neither done nor dead: queued, or with a worker. It leaves zero and comes back
    /// to it under the lock only; in between an answer needs no lock.
    unfinished: AtomicUsize,
    idle: Notify,
}

struct State<T> {
    /// In the order of sending.
    queue: VecDeque<Entry<T>>,
    room: Line,
    items: Line,
    sent: u64,
    /// How often nothing was unfinished any more.
    finishes: u64,
    max_deliveries: u32,
    dead: Vec<T>,
    closed: bool,
}

struct Entry<T> {
    item: T,
    order: u64,
    deliveries: u32,
}

impl<T> State<T> {
    /// Puts an item that came back in its old place.
    fn put_back(&mut self, entry: Entry<T>) {
        let place = self.queue.partition_point(|queued| queued.order < entry.order);
        self.queue.insert(place, entry);
    }
}

impl<T> WorkQueue<T> {
    /// Creates a queue with room for `capacity` items that wait for a worker, each of which is
    /// handed out at most 3 times.
    ///
    /// # Panics
    ///
    /// If `capacity` is zero: nothing could ever be sent.
    #[track_caller]
    pub fn bounded(capacity: usize) -> Self {
        assert!(capacity > 0, "a work queue needs a capacity of at least 1");
        let state = State {
            queue: VecDeque::new(),
            room: Line::new(capacity),
            items: Line::new(0),
            sent: 0,
            finishes: 0,
            max_deliveries: MAX_DELIVERIES,
            dead: Vec::new(),
            closed: false,
        };
        let (state, idle) = (Mutex::new(state), Notify::new());
        Self { shared: Arc::new(Shared { state, unfinished: AtomicUsize::new(0), idle }) }
    }

    /// Hands each item out at most `times` times, instead of 3, before it counts as dead.
    ///
    /// # Panics
    ///
    /// If `times` is zero: nothing could ever be received.
    #[must_use = "this is the same queue, to be used from here on"]
    #[track_caller]
    pub fn max_deliveries(self, times: u32) -> Self {
        assert!(times > 0, "an item has to be delivered at least once");
        self.state().max_deliveries = times;
        self
    }

    /// Puts an item at the end of the queue, and waits for room while it is full.
    ///
    /// # Errors
    ///
    /// [`SendError`] with the item once the queue is closed, also while this waits for room.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped `send` has not sent its item, and drops it. It gives up its place
    /// in line. Where the item must survive, send from a task of its own.
    pub async fn send(&self, item: T) -> Result<(), SendError<T>> {
        let turn = Turn::new(&self.shared.state, |state| &mut state.room, |s| s.closed);
        let Some(mut state) = turn.await else { return Err(SendError(item)) };
        let order = state.sent;
        state.sent += 1;
        self.shared.unfinished.fetch_add(1, Ordering::AcqRel);
        state.queue.push_back(Entry { item, order, deliveries: 0 });
        let receiver = state.items.put();
        drop(state);
        wake(receiver);
        Ok(())
    }

    /// Takes the first item, and waits for one while there is none.
    ///
    /// Returns `None` only when the queue is closed, nothing is queued, and no worker holds a
    /// job that could still come back.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped `recv` has taken no item. It gives up its place in line.
    pub async fn recv(&self) -> Option<Job<T>> {
        let turn = Turn::new(
            &self.shared.state,
            |state| &mut state.items,
            |s| self.shared.is_over(s),
        );
        let mut state = turn.await?;
        let mut entry = state.queue.pop_front().expect("a permit stands for an item");
        entry.deliveries += 1;
        // An item that came back had given up its room before.
        let sender = if entry.deliveries == 1 { state.room.put() } else { None };
        drop(state);
        wake(sender);
        Some(Job::new(entry, &self.shared))
    }

    /// Waits for a moment in which every item sent is done or dead.
    ///
    /// Answers to `Queue.join`: items sent meanwhile are waited for as well. It returns at once
    /// when nothing is unfinished, and needs no [`close`](Self::close); with no worker left it
    /// waits for ever.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it only watches.
    pub async fn join(&self) {
        let before = self.state().finishes;
        loop {
            // Made before the look, so that a finish between the two still counts.
            let idle = self.shared.idle.notified();
            if self.shared.was_idle_since(before) {
                return;
            }
            // A wake-up may be late, and meant for a finish before this began.
            idle.await;
        }
    }

    /// Closes the queue: `send` fails from now on, and workers drain what is left.
    pub fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        let mut wakers = state.room.everybody();
        if self.shared.is_over(&state) {
            wakers.extend(state.items.everybody());
        }
        drop(state);
        wake(wakers);
    }

    /// Takes the items that were handed out as often as allowed and never done, oldest first.
    ///
    /// Each is given out once: a second call returns only what died since. Until then they are
    /// kept, however many there are.
    #[must_use = "the dead letters are taken out of the queue"]
    pub fn dead_letters(&self) -> Vec<T> {
        std::mem::take(&mut self.state().dead)
    }

    /// How many items wait for a worker; those being worked on are not counted.
    pub fn len(&self) -> usize {
        self.state().queue.len()
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
            .field("queued", &state.queue.len())
            .field("unfinished", &self.shared.unfinished)
            .field("dead", &state.dead.len())
            .field("closed", &state.closed)
            .finish()
    }
}

impl<T> Shared<T> {
    fn is_idle(&self) -> bool {
        self.unfinished.load(Ordering::Acquire) == 0
    }

    fn was_idle_since(&self, before: u64) -> bool {
        let state = lock(&self.state);
        self.is_idle() || state.finishes > before
    }

    /// Whether nothing can ever be received again.
    fn is_over(&self, state: &State<T>) -> bool {
        state.closed && self.is_idle()
    }

    /// One item less to wait for.
    fn answer(&self) {
        let not_the_last = |unfinished| (unfinished > 1).then(|| unfinished - 1);
        let (set, get) = (Ordering::AcqRel, Ordering::Acquire);
        if self.unfinished.fetch_update(set, get, not_the_last).is_err() {
            self.finish(lock(&self.state));
        }
    }

    fn finish(&self, mut state: MutexGuard<'_, State<T>>) {
        if self.unfinished.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        state.finishes += 1;
        let receivers = if state.closed { state.items.everybody() } else { Vec::new() };
        drop(state);
        self.idle.notify_waiters();
        wake(receivers);
    }

    fn give_back(&self, entry: Entry<T>) {
        let mut state = lock(&self.state);
        if entry.deliveries >= state.max_deliveries {
            state.dead.push(entry.item);
            return self.finish(state);
        }
        state.put_back(entry);
        let receiver = state.items.put();
        drop(state);
        wake(receiver);
    }
}
