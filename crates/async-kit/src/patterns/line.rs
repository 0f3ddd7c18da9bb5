//! A permit goes to whoever waited longest, and a cancelled waiter passes its permit on.
//!
//! A [`Line`] is a semaphore without a lock of its own: it lives in the state of its owner, so
//! that taking a permit and taking what the permit stands for are one step under one lock.

use std::{
    collections::VecDeque,
    mem,
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
};

use tokio::task::coop;

/// Permits, and who waits for one.
///
/// Somebody waits only while no permit is free; else a newcomer could overtake.
pub(super) struct Line {
    free: usize,
    next: u64,
    // Sorted by place, because places are given out in ascending order.
    waiting: VecDeque<(u64, Waker)>,
}

impl Line {
    pub(super) fn new(free: usize) -> Self {
        Self { free, next: 0, waiting: VecDeque::new() }
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Takes a permit, if one is free.
    #[inline]
    pub(super) fn try_take(&mut self) -> bool {
        let free = self.free > 0;
        self.free -= usize::from(free);
        free
    }

    /// Hands a permit to the first in line, whom the caller wakes once it has unlocked.
    #[inline]
    #[must_use = "the permit now belongs to a task that sleeps"]
    pub(super) fn put(&mut self) -> Option<Waker> {
        let first = self.waiting.pop_front();
        self.free += usize::from(first.is_none());
        first.map(|(_, waker)| waker)
    }

    /// Everybody who waits, for the caller to wake once it has unlocked. They keep their places.
    pub(super) fn everybody(&self) -> Vec<Waker> {
        self.waiting.iter().map(|(_, waker)| waker.clone()).collect()
    }

    fn join(&mut self, waker: &Waker) -> u64 {
        self.next += 1;
        self.waiting.push_back((self.next, waker.clone()));
        self.next
    }

    /// Whether the permit for this place was handed over: permits go to the first in line, so
    /// it was as soon as the first stands behind this place.
    #[inline]
    fn reached(&self, place: u64) -> bool {
        self.waiting.front().is_none_or(|(first, _)| *first > place)
    }

    /// Wakes this waker from now on. The one before is for the caller to drop, once unlocked.
    fn renew(&mut self, place: u64, waker: &Waker) -> Option<Waker> {
        let index = self.find(place).ok()?;
        let known = &mut self.waiting[index].1;
        (!known.will_wake(waker)).then(|| mem::replace(known, waker.clone()))
    }

    /// Gives up a place. Its own waker is for the caller to drop, the second one to wake, both
    /// once unlocked.
    #[must_use = "the permit may now belong to a task that sleeps"]
    fn leave(&mut self, place: u64) -> (Option<Waker>, Option<Waker>) {
        match self.find(place) {
            Ok(index) => (self.waiting.remove(index).map(|(_, own)| own), None),
            // Woken, and dropped before it was polled: without this the permit would be lost.
            Err(_) => (None, self.put()),
        }
    }

    fn find(&self, place: u64) -> Result<usize, usize> {
        self.waiting.binary_search_by_key(&place, |(place, _)| *place)
    }
}

/// Waits for a permit of a line; ready with the owner's lock, so that the permit can be used
/// before anybody else looks. Ready with `None` once the owner says that it is over.
///
/// Cancel safe: dropping it gives up the place in line, and passes on a permit already given.
#[must_use = "a turn does nothing unless it is awaited"]
pub(super) struct Turn<'a, S, L: Fn(&mut S) -> &mut Line, O> {
    owner: &'a Mutex<S>,
    line: L,
    over: O,
    place: Option<u64>,
}

impl<'a, S, L: Fn(&mut S) -> &mut Line, O: Fn(&S) -> bool> Turn<'a, S, L, O> {
    /// `line` finds the line in the owner's state.
    pub(super) fn new(owner: &'a Mutex<S>, line: L, over: O) -> Self {
        Self { owner, line, over, place: None }
    }

    #[inline]
    fn has_come(&self, state: &mut S) -> bool {
        let line = (self.line)(state);
        match self.place {
            Some(place) => line.reached(place),
            None => line.try_take(),
        }
    }

    // Out of line, as `leave` is: then who need not wait pays for neither.
    #[inline(never)]
    fn wait(&mut self, mut state: MutexGuard<'_, S>, waker: &Waker) {
        let line = (self.line)(&mut state);
        let before = match self.place {
            Some(place) => line.renew(place, waker),
            None => {
                self.place = Some(line.join(waker));
                None
            }
        };
        // The lock first: dropping a waker may run code that takes it.
        drop(state);
        drop(before);
    }
}

impl<S, L: Fn(&mut S) -> &mut Line, O> Unpin for Turn<'_, S, L, O> {}

impl<'a, S, L, O> Future for Turn<'a, S, L, O>
where
    L: Fn(&mut S) -> &mut Line,
    O: Fn(&S) -> bool,
{
    type Output = Option<MutexGuard<'a, S>>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Like Tokio's own primitives: a task that never has to wait still lets others run.
        let budget = ready!(coop::poll_proceed(cx));
        let mut state = lock(self.owner);
        let over = (self.over)(&state);
        if !over && !self.has_come(&mut state) {
            self.wait(state, cx.waker());
            return Poll::Pending;
        }
        budget.made_progress();
        if over {
            return Poll::Ready(None);
        }
        self.place = None;
        Poll::Ready(Some(state))
    }
}

impl<S, L: Fn(&mut S) -> &mut Line, O> Drop for Turn<'_, S, L, O> {
    #[inline]
    fn drop(&mut self) {
        if let Some(place) = self.place {
            leave(self.owner, &self.line, place);
        }
    }
}

#[inline(never)]
fn leave<S>(owner: &Mutex<S>, line: impl Fn(&mut S) -> &mut Line, place: u64) {
    let (own, next) = line(&mut lock(owner)).leave(place);
    drop(own);
    wake(next);
}

/// Of the caller's code the `Ord` of a priority runs under these locks, and if that panics the
/// `Drop` of the item in hand; a panic there may cost that item, but not every later call.
#[inline]
pub(super) fn lock<S>(owner: &Mutex<S>) -> MutexGuard<'_, S> {
    owner.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Wakes these, which must happen without the lock: a waker may run code that takes it.
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

    /// Counts, when the last handle to it is dropped, if it found the lock free.
    struct Curious {
        owner: Arc<Mutex<Line>>,
        found_free: Arc<AtomicUsize>,
    }

    impl Wake for Curious {
        fn wake(self: Arc<Self>) {}
    }

    impl Drop for Curious {
        fn drop(&mut self) {
            let free = self.owner.try_lock().is_ok();
            self.found_free.fetch_add(usize::from(free), Ordering::Relaxed);
        }
    }

    #[test]
    fn no_waker_is_dropped_under_the_lock() {
        let (owner, found_free) =
            (Arc::new(Mutex::new(Line::new(0))), Arc::new(AtomicUsize::new(0)));
        let curious = || {
            let (owner, found_free) = (Arc::clone(&owner), Arc::clone(&found_free));
            Waker::from(Arc::new(Curious { owner, found_free }))
        };
        let mut turn = Turn::new(&owner, |line| line, |_| false);
        for _ in 0..2 {
            let waker = curious();
            let polled = Pin::new(&mut turn).poll(&mut Context::from_waker(&waker));
            assert!(polled.is_pending());
        }
        assert_eq!(found_free.load(Ordering::Relaxed), 1, "the first was replaced");
        drop(turn);
        assert_eq!(
            found_free.load(Ordering::Relaxed),
            2,
            "the second left with its turn"
        );
    }
}
