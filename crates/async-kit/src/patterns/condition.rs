//! The holder of a condition's lock can wait for a change, and no notification is lost.
//!
//! Built from Tokio's fair [`Mutex`] and a [`Notify`]. There are two traps. A waiter must join the
//! wait queue *before* it unlocks; otherwise a change at that moment wakes no task. And if a waiter
//! was woken, but is cancelled before it has locked again, it must wake the next waiter instead.

use std::{
    future::poll_fn,
    ops::{Deref, DerefMut},
    pin::pin,
};

use tokio::{
    sync::{Mutex, MutexGuard, Notify},
    task::consume_budget,
};

/// A value behind a lock. A task that holds the lock can wait until the value changes.
///
/// Corresponds to `asyncio.Condition`, but contains the value that it protects, as a Rust lock
/// does. Tokio has no such type: its [`Notify`] has no connection with a lock.
///
/// # Fairness
///
/// Waiters are woken in FIFO order. If a woken waiter has to wait again, it goes to the end of the
/// queue. A notification without a waiter does not need to be stored: every later waiter checks
/// the value first.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use async_kit::Condition;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let items = Arc::new(Condition::new(Vec::new()));
/// let consumer = tokio::spawn({
///     let items = items.clone();
///     async move { items.lock().await.wait_while(|items| items.is_empty()).await.pop() }
/// });
/// items.lock().await.push("bread");
/// items.notify_one();
/// assert_eq!(consumer.await.unwrap(), Some("bread"));
/// # }
/// ```
#[derive(Debug, Default)]
pub struct Condition<T> {
    value: Mutex<T>,
    changed: Notify,
}

impl<T> Condition<T> {
    /// Makes a condition whose lock protects `value`.
    #[must_use]
    pub const fn new(value: T) -> Self {
        Self { value: Mutex::const_new(value), changed: Notify::const_new() }
    }

    /// Waits for the lock, in FIFO order.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but a dropped `lock` loses its position in the wait queue.
    pub async fn lock(&self) -> ConditionGuard<'_, T> {
        ConditionGuard { condition: self, value: self.value.lock().await }
    }

    /// Wakes the waiter at the head of the queue, if there is one.
    ///
    /// Use it if every waiter waits for the same predicate. If their predicates differ, use
    /// [`notify_all`](Self::notify_all), because the waiter woken here may have to wait again.
    ///
    /// Change the value before the call. The caller may hold the lock, as asyncio demands, but need
    /// not.
    pub fn notify_one(&self) {
        self.changed.notify_one();
    }

    /// Wakes every waiter; they get the lock one after the other.
    pub fn notify_all(&self) {
        self.changed.notify_waiters();
    }

    /// Returns the value. No lock is needed, because `self` is not shared any more.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }

    /// Locks for a waiter that was woken. If this is cancelled, it wakes the next waiter.
    async fn lock_again(&self) -> ConditionGuard<'_, T> {
        // Usually the lock is free. This overtakes no task: a lock with a wait queue is never free.
        if let Ok(value) = self.value.try_lock() {
            return ConditionGuard { condition: self, value };
        }
        let notification = self.unused_notification();
        let guard = self.lock().await;
        notification.mark_used();
        guard
    }

    fn unused_notification(&self) -> UnusedNotification<'_> {
        UnusedNotification { changed: &self.changed }
    }
}

/// Holds the lock of a [`Condition`].
#[derive(Debug)]
#[must_use = "dropping the guard unlocks the condition"]
pub struct ConditionGuard<'a, T> {
    condition: &'a Condition<T>,
    value: MutexGuard<'a, T>,
}

impl<'a, T> ConditionGuard<'a, T> {
    /// Unlocks, waits until `blocked` returns `false`, and returns with the lock held again.
    ///
    /// Corresponds to `Condition.wait_for` with the opposite predicate, as in
    /// `std::sync::Condvar::wait_while`. It takes the guard and returns it, so that no guard exists
    /// without its lock, even if the wait is cancelled. `blocked` is called with the lock held:
    /// before the first wait, and after each wake-up.
    ///
    /// # Examples
    ///
    /// With a time limit: if the limit expires, the lock is not held.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use async_kit::Condition;
    /// use tokio::time::timeout;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let stock = Condition::new(0);
    /// let sold = stock.lock().await.wait_while(|stock| *stock == 0);
    /// assert!(timeout(Duration::from_millis(50), sold).await.is_err());
    ///
    /// *stock.lock().await += 1;
    /// let mut stock = stock.lock().await.wait_while(|stock| *stock == 0).await;
    /// *stock -= 1;
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `blocked` panics. The lock is released, and the next waiter is woken instead.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped `wait_while` releases the lock and leaves the value unchanged. If it
    /// was already woken, the next waiter is woken instead. Only its position in the wait queue is
    /// lost.
    pub async fn wait_while(mut self, mut blocked: impl FnMut(&mut T) -> bool) -> Self {
        if !blocked(&mut self.value) {
            return self;
        }
        loop {
            // `Notify` never yields by itself: without this, a task that other threads notify all the
            // time would keep its thread.
            consume_budget().await;
            self = self.wait().await;
            let notification = self.condition.unused_notification();
            let still_blocked = blocked(&mut self.value);
            notification.mark_used();
            if !still_blocked {
                return self;
            }
        }
    }

    /// Unlocks, waits for one notification, and locks again.
    async fn wait(self) -> Self {
        let condition = self.condition;
        let mut held = Some(self);
        let mut changed = pin!(condition.changed.notified());
        poll_fn(|cx| {
            let woken = changed.as_mut().poll(cx);
            // Only a waiter that is now in the wait queue may unlock. If an earlier notification
            // without a waiter woke this one immediately, it keeps the lock and checks again.
            if woken.is_pending() {
                held = None;
            }
            woken
        })
        .await;
        match held {
            Some(guard) => guard,
            None => condition.lock_again().await,
        }
    }
}

/// A notification that woke a waiter and was not used yet. If dropped, it wakes the next waiter.
#[must_use = "dropping it wakes another waiter"]
struct UnusedNotification<'a> {
    changed: &'a Notify,
}

impl UnusedNotification<'_> {
    fn mark_used(self) {
        std::mem::forget(self);
    }
}

impl Drop for UnusedNotification<'_> {
    fn drop(&mut self) {
        self.changed.notify_one();
    }
}

impl<T> Deref for ConditionGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for ConditionGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

#[cfg(test)]
mod tests {
    // `tests/kit/cancellation` shows that a cancelled waiter passes its notification on.
    use std::{
        collections::VecDeque,
        pin::Pin,
        sync::{
            Arc, Mutex as StdMutex,
            atomic::{AtomicUsize, Ordering},
        },
        task::{Context, Poll, Wake, Waker},
        time::Duration,
    };

    use tokio::{
        task::{JoinSet, yield_now},
        time::{Instant, sleep, timeout},
    };

    use super::*;

    type Waiting<'a> = Pin<Box<dyn Future<Output = ConditionGuard<'a, u32>> + Send + 'a>>;

    /// A wait for a value above zero, as a future that the test polls and drops by hand.
    fn positive(condition: &Condition<u32>) -> Waiting<'_> {
        Box::pin(async { condition.lock().await.wait_while(|value| *value == 0).await })
    }

    fn poll<F: Future + ?Sized>(future: &mut Pin<Box<F>>) -> Poll<F::Output> {
        future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    }

    fn take_one(polled: Poll<ConditionGuard<'_, u32>>) {
        match polled {
            Poll::Ready(mut guard) => *guard -= 1,
            Poll::Pending => panic!("this waiter was not woken"),
        }
    }

    fn two_waiting(condition: &Condition<u32>) -> [Waiting<'_>; 2] {
        let mut waiters = [positive(condition), positive(condition)];
        for waiter in &mut waiters {
            assert!(poll(waiter).is_pending());
        }
        waiters
    }

    fn add_one(condition: &Condition<u32>) {
        *condition.value.try_lock().expect("no waiter holds the lock") += 1;
        condition.notify_one();
    }

    #[test]
    fn the_guard_holds_the_lock_again_when_the_wait_ends() {
        let condition = Condition::new(0);
        let mut waiter = positive(&condition);
        assert!(poll(&mut waiter).is_pending());
        add_one(&condition);
        let Poll::Ready(guard) = poll(&mut waiter) else { panic!("{condition:?}") };
        assert_eq!(*guard, 1);
        assert!(poll(&mut Box::pin(condition.lock())).is_pending(), "{condition:?}");
        drop(guard);
        assert!(poll(&mut Box::pin(condition.lock())).is_ready(), "{condition:?}");
    }

    #[test]
    fn a_predicate_that_panics_after_its_wake_up_wakes_the_next_waiter() {
        let condition = Condition::new(0);
        let faulty = |value: &mut u32| match value {
            0 => true,
            _ => panic!("a bug"),
        };
        let mut first =
            Box::pin(async { drop(condition.lock().await.wait_while(faulty).await) });
        assert!(poll(&mut first).is_pending());
        let mut second = positive(&condition);
        assert!(poll(&mut second).is_pending());
        add_one(&condition);
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            poll(&mut first).is_ready()
        }));
        assert!(caught.is_err());
        take_one(poll(&mut second));
    }

    #[test]
    fn a_predicate_that_panics_releases_the_lock() {
        let condition = Condition::new(0);
        let waiting = async {
            drop(condition.lock().await.wait_while(|_| panic!("a bug")).await);
        };
        let mut waiting = Box::pin(waiting);
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            poll(&mut waiting).is_ready()
        }));
        assert!(caught.is_err());
        assert!(poll(&mut Box::pin(condition.lock())).is_ready(), "{condition:?}");
    }

    /// The predicate reads something outside the lock, which changes between the check and the
    /// wait.
    #[test]
    fn a_change_between_the_check_and_the_wait_is_seen() {
        let (condition, checks) = (Condition::new(()), AtomicUsize::new(0));
        let mut waiting = Box::pin(async {
            let blocked = |_: &mut ()| {
                condition.notify_one();
                checks.fetch_add(1, Ordering::Relaxed) == 0
            };
            drop(condition.lock().await.wait_while(blocked).await);
        });
        assert!(poll(&mut waiting).is_ready(), "{checks:?} checks");
    }

    /// The predicate notifies, so no wait of this waiter ever waits.
    #[tokio::test(start_paused = true)]
    async fn a_waiter_that_is_always_notified_does_not_starve_other_tasks() {
        let condition = Arc::new((Condition::new(()), AtomicUsize::new(0)));
        let shared = condition.clone();
        let waiting = tokio::spawn(async move {
            let (condition, checks) = &*shared;
            // The end makes this test fail, and not hang, if the waiter never yields.
            let blocked = |_: &mut ()| {
                condition.notify_one();
                checks.fetch_add(1, Ordering::Relaxed) < 10_000
            };
            drop(condition.lock().await.wait_while(blocked).await);
        });
        yield_now().await;
        waiting.abort();
        let checks = condition.1.load(Ordering::Relaxed);
        assert!((1..10_000).contains(&checks), "{checks} checks without a yield");
    }

    type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

    /// Simulates another thread: its task runs at the moment in which the lock is released. The
    /// task is `None` once it has ended.
    struct RunsWhenWoken(StdMutex<Option<Task>>);

    impl RunsWhenWoken {
        fn waiting_for_the_lock(
            task: impl Future<Output = ()> + Send + 'static,
        ) -> Arc<Self> {
            let other = Arc::new(Self(StdMutex::new(Some(Box::pin(task)))));
            let waker = Waker::from(other.clone());
            let mut task = other.0.lock().unwrap();
            let first =
                task.as_mut().unwrap().as_mut().poll(&mut Context::from_waker(&waker));
            assert!(first.is_pending(), "the lock was free");
            drop(task);
            other
        }
    }

    impl Wake for RunsWhenWoken {
        fn wake(self: Arc<Self>) {
            let mut running = self.0.lock().unwrap();
            if running.as_mut().is_some_and(|task| poll(task).is_ready()) {
                running.take();
            }
        }
    }

    /// A first wait for a positive value. `task` waits for the lock while the value is checked.
    fn positive_before(
        condition: &Arc<Condition<u32>>,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> (Waiting<'_>, Arc<RunsWhenWoken>) {
        let held = condition.value.try_lock().unwrap();
        let mut waiter = positive(condition);
        assert!(poll(&mut waiter).is_pending());
        let other = RunsWhenWoken::waiting_for_the_lock(task);
        drop(held);
        assert!(poll(&mut waiter).is_pending());
        (waiter, other)
    }

    #[test]
    fn a_change_at_the_moment_of_unlocking_wakes_the_waiter() {
        let condition = Arc::new(Condition::new(0));
        let producer = condition.clone();
        let (mut waiter, running) = positive_before(&condition, async move {
            *producer.lock().await += 1;
            producer.notify_all();
        });
        assert!(running.0.lock().unwrap().is_none(), "the producer has not ended");
        take_one(poll(&mut waiter));
    }

    #[test]
    fn a_waiter_that_comes_at_the_moment_of_unlocking_is_second() {
        let condition = Arc::new(Condition::new(0));
        let other = condition.clone();
        let (mut waiter, second) = positive_before(&condition, async move {
            take_one(Poll::Ready(positive(&other).await));
        });
        add_one(&condition);
        take_one(poll(&mut waiter));
        assert!(second.0.lock().unwrap().is_some(), "the second waiter was served first");
    }

    #[test]
    fn a_waiter_that_uses_a_stored_notification_keeps_its_position() {
        let condition = Arc::new(Condition::new(0));
        condition.notify_one();
        let other = condition.clone();
        let (mut waiter, second) = positive_before(&condition, async move {
            take_one(Poll::Ready(positive(&other).await));
        });
        assert!(poll(&mut waiter).is_pending(), "{condition:?}");
        add_one(&condition);
        take_one(poll(&mut waiter));
        assert!(second.0.lock().unwrap().is_some(), "the second waiter was served first");
    }

    #[test]
    fn notify_one_wakes_one_and_notify_all_wakes_all() {
        let condition = Condition::new(0);
        let [mut first, mut second] = two_waiting(&condition);
        *condition.value.try_lock().unwrap() = 2;
        condition.notify_one();
        assert!(poll(&mut second).is_pending(), "the second waiter overtook the first");
        take_one(poll(&mut first));
        condition.notify_all();
        take_one(poll(&mut second));
    }

    /// Five items for two consumers that take one each; nothing is lost, three are left.
    ///
    /// ```text
    /// 0     50    100   150   200   250
    /// p0    p1    p2    p3    p4    │
    /// c0:0  c1:1
    /// ```
    #[tokio::test(start_paused = true)]
    async fn consumers_get_items_in_fifo_order() {
        let (start, items) = (Instant::now(), Arc::new(Condition::new(VecDeque::new())));
        let mut consumers = JoinSet::new();
        for name in 0..2 {
            let items = items.clone();
            consumers.spawn(async move {
                let mut items =
                    items.lock().await.wait_while(|items| items.is_empty()).await;
                (name, items.pop_front(), start.elapsed().as_millis())
            });
        }
        for item in 0..5 {
            items.lock().await.push_back(item);
            items.notify_one();
            sleep(Duration::from_millis(50)).await;
        }
        let served = timeout(Duration::from_secs(1), consumers.join_all()).await;
        assert_eq!(served, Ok(vec![(0, Some(0), 0), (1, Some(1), 50)]));
        assert_eq!(*items.lock().await, [2, 3, 4]);
        assert_eq!(start.elapsed(), Duration::from_millis(250));
    }

    /// Consumers on two threads that cancel their waits again and again. After a single lost
    /// notification an item would be left while every consumer waits.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_notification_is_lost_between_threads() {
        const ITEMS: u32 = 5_000;
        let stock = Arc::new(Condition::new(0));
        let mut consumers = JoinSet::new();
        for _ in 0..4 {
            let stock = stock.clone();
            consumers.spawn(async move {
                for _ in 0..ITEMS / 4 {
                    take_at_the_second_attempt(&stock).await;
                }
            });
        }
        for _ in 0..ITEMS {
            *stock.lock().await += 1;
            stock.notify_one();
        }
        let served = timeout(Duration::from_secs(30), consumers.join_all()).await;
        assert!(served.is_ok(), "{} left: {stock:?}", *stock.lock().await);
        assert_eq!(*stock.lock().await, 0);
    }

    /// Cancels its first wait at the second poll, and then waits until it gets an item.
    async fn take_at_the_second_attempt(stock: &Condition<u32>) {
        let mut polls = 0;
        let second_poll = poll_fn(|_| {
            polls += 1;
            if polls > 1 { Poll::Ready(()) } else { Poll::Pending }
        });
        tokio::select! {
            biased;
            mut stock = positive(stock) => *stock -= 1,
            () = second_poll => *positive(stock).await -= 1,
        }
    }
}
