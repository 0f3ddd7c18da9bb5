//! Once an event is set, every current and every later waiter proceeds.
//!
//! Built from a counter, which shows whether the event is set, and a [`Notify`], which wakes the
//! waiters in FIFO order. The obvious alternative, a `watch` channel, wakes its receivers in no
//! fixed order.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// A flag that tasks can wait for.
///
/// Corresponds to `asyncio.Event`. [`Notify::notify_waiters`] wakes only the tasks that already
/// wait; an `Event` stays set for later ones. Tokio's `CancellationToken` and `SetOnce` stay set
/// too, but cannot be cleared.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use async_kit::Event;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let ready = Arc::new(Event::new());
/// let waiter = tokio::spawn({
///     let ready = ready.clone();
///     async move { ready.wait().await }
/// });
/// ready.set();
/// waiter.await.unwrap();
/// ready.wait().await; // a later waiter proceeds immediately
/// # }
/// ```
#[derive(Debug, Default)]
pub struct Event {
    /// How many times it was set or cleared: odd while it is set. A `bool` would not be enough: a
    /// waiter on another thread could not know whether the `set` that woke it came before its
    /// `wait`.
    flips: AtomicU64,
    changed: Notify,
}

impl Event {
    /// Makes an event that is not set.
    #[must_use]
    pub const fn new() -> Self {
        Self { flips: AtomicU64::new(0), changed: Notify::const_new() }
    }

    /// Sets the flag and wakes every waiter, in FIFO order.
    pub fn set(&self) {
        self.flip_from(false);
        self.changed.notify_waiters();
    }

    /// Clears the flag: from now on `wait` waits again. A waiter that was already woken still
    /// proceeds.
    pub fn clear(&self) {
        self.flip_from(true);
    }

    /// Whether the flag is set now.
    #[must_use]
    pub fn is_set(&self) -> bool {
        is_set(self.flips())
    }

    /// Waits until the event is set. If it is set already, returns immediately.
    ///
    /// A `set` during the wait is enough, even if a `clear` follows before the waiter runs.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped `wait` consumes nothing, so a `select!` loop may create it again in
    /// every iteration.
    pub async fn wait(&self) {
        let since = self.flips();
        loop {
            // `changed` is created before the counter is read. Otherwise a `set` between the read
            // and the await would not wake this task.
            let changed = self.changed.notified();
            if is_set(since) || self.flips() != since {
                return;
            }
            changed.await;
        }
    }

    fn flips(&self) -> u64 {
        self.flips.load(Ordering::Acquire)
    }

    /// Flips the flag if its state is `set`; otherwise does nothing.
    fn flip_from(&self, set: bool) {
        let flipped = |flips| (is_set(flips) == set).then_some(flips + 1);
        let _ = self.flips.fetch_update(Ordering::AcqRel, Ordering::Acquire, flipped);
    }
}

const fn is_set(flips: u64) -> bool {
    flips % 2 == 1
}
