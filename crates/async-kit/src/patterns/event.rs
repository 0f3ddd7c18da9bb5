//! An event, once set, lets every present and every later waiter proceed.
//!
//! A counter says whether it is set, and a [`Notify`] wakes who waits for it, first come, first
//! served. The obvious alternative, a `watch` channel, wakes its receivers in no fixed order.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// A flag that tasks can wait for.
///
/// Answers to `asyncio.Event`. [`Notify::notify_waiters`] wakes only who is already waiting; an `Event`
/// remembers. Tokio's `CancellationToken` and `SetOnce` remember too, but cannot be cleared.
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
/// ready.wait().await; // a late waiter passes at once
/// # }
/// ```
#[derive(Debug, Default)]
pub struct Event {
    /// How often it was set and cleared: odd while it is set. A flag alone would not tell a
    /// waiter on another thread whether the wake-up it gets is from a `set` before its time.
    flips: AtomicU64,
    changed: Notify,
}

impl Event {
    /// Makes an event that is not set.
    #[must_use]
    pub const fn new() -> Self {
        Self { flips: AtomicU64::new(0), changed: Notify::const_new() }
    }

    /// Sets the flag and wakes every waiter, in the order they came.
    pub fn set(&self) {
        self.flip_from(false);
        self.changed.notify_waiters();
    }

    /// Clears the flag: from now on `wait` waits again. Who was already woken still proceeds.
    pub fn clear(&self) {
        self.flip_from(true);
    }

    /// Whether the flag is set now.
    #[must_use]
    pub fn is_set(&self) -> bool {
        is_set(self.flips())
    }

    /// Waits until the event is set; returns at once if it is.
    ///
    /// A `set` during the wait is enough, even if a `clear` follows before the waiter runs.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped `wait` consumes nothing, and what it waited for is still there
    /// for the next one, so a `select!` loop may re-create it on every turn.
    pub async fn wait(&self) {
        let since = self.flips();
        loop {
            // Before the counter is read: it is in time for every `set` after the reading.
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

    /// Does nothing if the event is not, or no longer, as the caller takes it to be.
    fn flip_from(&self, set: bool) {
        let flipped = |flips| (is_set(flips) == set).then_some(flips + 1);
        let _ = self.flips.fetch_update(Ordering::AcqRel, Ordering::Acquire, flipped);
    }
}

const fn is_set(flips: u64) -> bool {
    flips % 2 == 1
}

#[cfg(test)]
mod tests {
    use std::{
        hint::spin_loop,
        pin::pin,
        sync::{Arc, Mutex, atomic::AtomicUsize},
        task::{Context, Poll, Waker},
        thread,
        time::Duration,
    };

    use tokio::{
        task::JoinSet,
        time::{Instant, sleep},
    };

    use super::*;
    use crate::patterns::deadline::TimeLimit;

    fn cx() -> Context<'static> {
        Context::from_waker(Waker::noop())
    }

    /// ```text
    /// 0                     200
    /// a ░░░░░░░░░░░░░░░░░░░░✓
    /// b ░░░░░░░░░░░░░░░░░░░░✓
    /// late                  ✓      passes at once
    /// ```
    #[tokio::test(start_paused = true)]
    async fn present_and_later_waiters_proceed() {
        let (start, event) = (Instant::now(), Arc::new(Event::new()));
        let mut waiters = JoinSet::new();
        for _ in 0..2 {
            let event = event.clone();
            waiters.spawn(async move { event.wait().await });
        }
        sleep(Duration::from_millis(200)).await;
        assert!(
            waiters.try_join_next().is_none(),
            "a waiter passed an event that is not set"
        );
        event.set();
        waiters.join_all().within(Duration::from_secs(1)).await.expect("both proceed");
        event
            .wait()
            .within(Duration::from_secs(1))
            .await
            .expect("a late waiter proceeds");
        assert_eq!(start.elapsed(), Duration::from_millis(200));
    }

    /// More waiters than Tokio wakes under one lock.
    #[tokio::test(start_paused = true)]
    async fn waiters_are_woken_in_the_order_they_came() {
        let (event, woken) = (Arc::new(Event::new()), Arc::new(Mutex::new(Vec::new())));
        let mut waiters = JoinSet::new();
        for name in 0..100 {
            let (event, woken) = (event.clone(), woken.clone());
            waiters.spawn(async move {
                event.wait().await;
                woken.lock().unwrap().push(name);
            });
        }
        sleep(Duration::from_millis(1)).await;
        event.set();
        waiters.join_all().await;
        assert_eq!(*woken.lock().unwrap(), (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn a_cleared_event_makes_new_waiters_wait_again() {
        let event = Event::new();
        event.set();
        event.clear();
        assert!(!event.is_set(), "{event:?}");
        assert_eq!(pin!(event.wait()).poll(&mut cx()), Poll::Pending);
    }

    #[test]
    fn a_set_that_is_cleared_at_once_still_releases_who_was_waiting() {
        let event = Event::new();
        let mut waiter = pin!(event.wait());
        assert_eq!(waiter.as_mut().poll(&mut cx()), Poll::Pending);
        event.set();
        event.clear();
        assert_eq!(waiter.poll(&mut cx()), Poll::Ready(()), "{event:?}");
    }

    #[test]
    fn a_waiter_dropped_at_any_point_takes_no_wake_up_from_the_others() {
        let event = Event::new();
        let mut other = pin!(event.wait());
        drop(event.wait());
        {
            let mut waiting = pin!(event.wait());
            assert_eq!(waiting.as_mut().poll(&mut cx()), Poll::Pending);
        }
        let mut woken = Box::pin(event.wait());
        assert_eq!(woken.as_mut().poll(&mut cx()), Poll::Pending);
        assert_eq!(other.as_mut().poll(&mut cx()), Poll::Pending);
        event.set();
        drop(woken);
        assert_eq!(other.poll(&mut cx()), Poll::Ready(()), "{event:?}");
        assert_eq!(pin!(event.wait()).poll(&mut cx()), Poll::Ready(()), "{event:?}");
    }

    /// Each round shifts the `set` a little against the `wait`.
    #[test]
    fn no_set_is_missed_by_a_waiter_on_another_thread() {
        let missed = rounds(5_000, |round, event, is_over| {
            (0..round % 512).for_each(|_| spin_loop());
            let mut waiter = pin!(event.wait());
            let at_once = waiter.as_mut().poll(&mut cx()).is_ready();
            is_over();
            !at_once && waiter.poll(&mut cx()).is_pending()
        });
        assert_eq!(missed, 0);
    }

    /// One thread sets, while the other clears what it has just seen, and waits anew.
    #[test]
    fn a_set_that_was_cleared_releases_nobody_who_came_later() {
        let released = rounds(500, |_, event, is_over| {
            while !event.is_set() {
                spin_loop();
            }
            event.clear();
            let mut waiter = pin!(event.wait());
            let at_once = waiter.as_mut().poll(&mut cx()).is_ready();
            is_over();
            at_once || waiter.poll(&mut cx()).is_ready()
        });
        assert_eq!(released, 0);
    }

    /// Counts the rounds that `fail` while another thread sets their event. `fail` is given the
    /// round, its event, and what waits until the `set` is over.
    fn rounds(n: usize, fail: impl Fn(usize, &Event, &dyn Fn()) -> bool) -> usize {
        let events: Vec<_> = (0..n).map(|_| Event::new()).collect();
        let (begun, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let reached = |counter: &AtomicUsize, round| {
            while counter.load(Ordering::Acquire) < round {
                thread::yield_now();
            }
        };
        thread::scope(|scope| {
            scope.spawn(|| {
                for (round, event) in (1..).zip(&events) {
                    reached(&begun, round);
                    event.set();
                    done.store(round, Ordering::Release);
                }
            });
            let failed = |(round, event): (usize, &Event)| {
                begun.store(round, Ordering::Release);
                fail(round, event, &|| reached(&done, round))
            };
            (1..).zip(&events).filter(|round| failed(*round)).count()
        })
    }
}
