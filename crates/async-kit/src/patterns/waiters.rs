//! Permits are granted in FIFO order, and a cancelled waiter passes its permit on.
//!
//! [`Waiters`] is a semaphore without its own lock. It is part of the state of its owner. So a task
//! takes a permit, and the item or connection that the permit represents, under one lock.

use std::{
    collections::VecDeque,
    mem,
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
};

use tokio::task::coop;

/// The free permits, and the queue of tasks that wait for one.
///
/// While a permit is free, the queue is empty. Otherwise a newcomer could overtake a waiter.
pub(super) struct Waiters {
    free: usize,
    last_ticket: u64,
    // Sorted by ticket, because tickets are numbered in ascending order. A waiter that was cancelled
    // leaves a gap: closing it would move all entries behind it.
    queue: VecDeque<(u64, Option<Waker>)>,
    gaps: usize,
}

impl Waiters {
    pub(super) fn new(free: usize) -> Self {
        Self { free, last_ticket: 0, queue: VecDeque::new(), gaps: 0 }
    }

    /// The number of tasks in the queue.
    #[allow(
        dead_code,
        reason = "only `Pool` calls it, and this file is also copied without `Pool`"
    )]
    pub(super) fn len(&self) -> usize {
        self.queue.len() - self.gaps
    }

    /// Takes a permit if one is free.
    #[inline]
    pub(super) fn try_acquire(&mut self) -> bool {
        let free = self.free > 0;
        self.free -= usize::from(free);
        free
    }

    /// Grants a permit to the head of the queue, which the caller wakes after it has unlocked.
    #[inline]
    #[must_use = "the permit now belongs to a task that is not awake yet"]
    pub(super) fn release(&mut self) -> Option<Waker> {
        while let Some((_, head)) = self.queue.pop_front() {
            if head.is_some() {
                return head;
            }
            self.gaps -= 1;
        }
        self.free += 1;
        None
    }

    /// Returns the wakers of all waiters. The caller wakes them after it has unlocked. The waiters
    /// keep their positions in the queue.
    pub(super) fn wakers(&self) -> Vec<Waker> {
        self.queue.iter().filter_map(|(_, waker)| waker.clone()).collect()
    }

    fn enqueue(&mut self, waker: &Waker) -> u64 {
        self.last_ticket += 1;
        self.queue.push_back((self.last_ticket, Some(waker.clone())));
        self.last_ticket
    }

    /// Whether the holder of this ticket was granted a permit. Permits are granted from the head
    /// of the queue, so this permit was granted if the ticket at the head is a later one.
    #[inline]
    fn is_granted(&self, ticket: u64) -> bool {
        self.queue.front().is_none_or(|(head, _)| *head > ticket)
    }

    /// Replaces the waker of a waiter. The caller drops the old one after it has unlocked.
    fn update_waker(&mut self, ticket: u64, waker: &Waker) -> Option<Waker> {
        let index = self.index_of(ticket).ok()?;
        let known = self.queue[index].1.as_mut()?;
        (!known.will_wake(waker)).then(|| mem::replace(known, waker.clone()))
    }

    /// Removes a waiter that was cancelled. After it has unlocked, the caller drops the first
    /// waker, which is the waiter's own, and wakes the second.
    #[must_use = "the permit may now belong to a task that is not awake yet"]
    fn cancel(&mut self, ticket: u64) -> (Option<Waker>, Option<Waker>) {
        match self.index_of(ticket) {
            Ok(index) => (self.leave(index), None),
            // The waiter was granted a permit, and dropped before it was polled. If the permit
            // were not released here, it would be lost.
            Err(_) => (None, self.release()),
        }
    }

    /// Removes the gaps only when they are more than half of the queue, so each costs little.
    fn leave(&mut self, index: usize) -> Option<Waker> {
        let own = self.queue[index].1.take();
        self.gaps += 1;
        if self.gaps > self.queue.len() / 2 {
            self.queue.retain(|(_, waker)| waker.is_some());
            self.gaps = 0;
        }
        own
    }

    fn index_of(&self, ticket: u64) -> Result<usize, usize> {
        self.queue.binary_search_by_key(&ticket, |(ticket, _)| *ticket)
    }
}

/// Waits for a permit. Completes with the owner's lock held, so that the permit is used before
/// another task sees the state. Completes with `None` once `is_over` returns `true`.
///
/// Cancel safe: a dropped `Acquire` leaves the wait queue, and passes on a permit that it was
/// already granted.
#[must_use = "an `Acquire` does nothing unless it is awaited"]
pub(super) struct Acquire<'a, S, W: Fn(&mut S) -> &mut Waiters, O> {
    owner: &'a Mutex<S>,
    waiters: W,
    is_over: O,
    ticket: Option<u64>,
}

impl<'a, S, W: Fn(&mut S) -> &mut Waiters, O: Fn(&S) -> bool> Acquire<'a, S, W, O> {
    /// `waiters` finds the [`Waiters`] in the owner's state.
    pub(super) fn new(owner: &'a Mutex<S>, waiters: W, is_over: O) -> Self {
        Self { owner, waiters, is_over, ticket: None }
    }

    #[inline]
    fn try_acquire(&self, state: &mut S) -> bool {
        let waiters = (self.waiters)(state);
        match self.ticket {
            Some(ticket) => waiters.is_granted(ticket),
            None => waiters.try_acquire(),
        }
    }

    // `wait` and `cancel` are not inlined, so that they cost nothing in a call that does not need
    // to wait.
    #[inline(never)]
    fn wait(&mut self, mut state: MutexGuard<'_, S>, waker: &Waker) {
        let waiters = (self.waiters)(&mut state);
        let old = match self.ticket {
            Some(ticket) => waiters.update_waker(ticket, waker),
            None => {
                self.ticket = Some(waiters.enqueue(waker));
                None
            }
        };
        // The lock is released first, because dropping a waker may run code that takes the same
        // lock.
        drop(state);
        drop(old);
    }
}

impl<S, W: Fn(&mut S) -> &mut Waiters, O> Unpin for Acquire<'_, S, W, O> {}

impl<'a, S, W, O> Future for Acquire<'a, S, W, O>
where
    W: Fn(&mut S) -> &mut Waiters,
    O: Fn(&S) -> bool,
{
    type Output = Option<MutexGuard<'a, S>>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // As in Tokio's own primitives, a task that never has to wait still yields to others.
        let budget = ready!(coop::poll_proceed(cx));
        let mut state = lock(self.owner);
        let is_over = (self.is_over)(&state);
        if !is_over && !self.try_acquire(&mut state) {
            self.wait(state, cx.waker());
            return Poll::Pending;
        }
        budget.made_progress();
        if is_over {
            return Poll::Ready(None);
        }
        self.ticket = None;
        Poll::Ready(Some(state))
    }
}

impl<S, W: Fn(&mut S) -> &mut Waiters, O> Drop for Acquire<'_, S, W, O> {
    #[inline]
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            cancel(self.owner, &self.waiters, ticket);
        }
    }
}

#[inline(never)]
fn cancel<S>(owner: &Mutex<S>, waiters: impl Fn(&mut S) -> &mut Waiters, ticket: u64) {
    let (own, next) = waiters(&mut lock(owner)).cancel(ticket);
    drop(own);
    wake(next);
}

/// Locks, and ignores poisoning.
///
/// Only two pieces of the caller's code run under these locks: the `Ord` of a priority and, if
/// that panics, the `Drop` of the item being moved. Such a panic may lose the item, but it must
/// not make every later call panic.
#[inline]
pub(super) fn lock<S>(owner: &Mutex<S>) -> MutexGuard<'_, S> {
    owner.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Wakes these tasks. The caller has unlocked before: a waker may run code that takes the lock.
#[inline]
pub(super) fn wake(wakers: impl IntoIterator<Item = Waker>) {
    wakers.into_iter().for_each(Waker::wake);
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        task::Wake,
    };

    use super::*;

    /// When its last handle is dropped, it counts whether the lock was free at that moment.
    struct LockProbe {
        owner: Arc<Mutex<Waiters>>,
        found_free: Arc<AtomicUsize>,
    }

    impl Wake for LockProbe {
        fn wake(self: Arc<Self>) {}
    }

    impl Drop for LockProbe {
        fn drop(&mut self) {
            let free = self.owner.try_lock().is_ok();
            self.found_free.fetch_add(usize::from(free), Ordering::Relaxed);
        }
    }

    /// Compares with a model that has no gaps. Waiters come, leave at random, or are granted a permit.
    #[test]
    fn waiters_that_leave_in_any_order_change_nothing_for_the_others() {
        let mut random = fastrand::Rng::with_seed(7);
        let (mut waiters, mut model) = (Waiters::new(0), Vec::new());
        for _ in 0..10_000 {
            match random.u8(..8) {
                0..4 => model.push(waiters.enqueue(Waker::noop())),
                4..7 if !model.is_empty() => {
                    let ticket = model.remove(random.usize(..model.len()));
                    let (own, next) = waiters.cancel(ticket);
                    assert!(own.is_some() && next.is_none(), "{ticket} was granted");
                    assert!(waiters.queue.len() <= 2 * model.len(), "too many gaps");
                }
                7 if !model.is_empty() => {
                    assert!(waiters.release().is_some(), "{} wait", model.len());
                    assert!(waiters.is_granted(model.remove(0)));
                }
                _ => {}
            }
            assert!(!model.iter().any(|ticket| waiters.is_granted(*ticket)));
            assert_eq!(
                (waiters.len(), waiters.wakers().len()),
                (model.len(), model.len())
            );
        }
        while !model.is_empty() {
            assert!(waiters.release().is_some());
            assert!(waiters.is_granted(model.remove(0)));
        }
        assert!(waiters.release().is_none() && waiters.try_acquire());
    }

    #[test]
    fn no_waker_is_dropped_under_the_lock() {
        let (owner, found_free) =
            (Arc::new(Mutex::new(Waiters::new(0))), Arc::new(AtomicUsize::new(0)));
        let probe = || {
            let (owner, found_free) = (Arc::clone(&owner), Arc::clone(&found_free));
            Waker::from(Arc::new(LockProbe { owner, found_free }))
        };
        let mut acquire = Acquire::new(&owner, |waiters| waiters, |_| false);
        for _ in 0..2 {
            let waker = probe();
            let polled = Pin::new(&mut acquire).poll(&mut Context::from_waker(&waker));
            assert!(polled.is_pending());
        }
        assert_eq!(found_free.load(Ordering::Relaxed), 1, "the first was replaced");
        drop(acquire);
        assert_eq!(
            found_free.load(Ordering::Relaxed),
            2,
            "the second was dropped with its `Acquire`"
        );
    }
}
