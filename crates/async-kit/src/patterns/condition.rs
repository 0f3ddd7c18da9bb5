//! A condition is a lock whose holder can wait for a change, and no wake-up is lost.
//!
//! Built from Tokio's fair [`Mutex`] and a [`Notify`]. Two traps lie between them. A waiter has
//! to join the queue *before* it opens the lock, or a change that comes right then wakes nobody.
//! And a waiter that was woken, but is cancelled before it has the lock again, has to wake the
//! next one in its place.

use std::{
    future::poll_fn,
    ops::{Deref, DerefMut},
    pin::pin,
};

use tokio::sync::{Mutex, MutexGuard, Notify};

/// A value behind a lock, whose holder can wait until the value suits it.
///
/// Answers to `asyncio.Condition`, but holds the value it guards, as a Rust lock does. Tokio has
/// no such type: its [`Notify`] knows nothing of a lock.
///
/// Waiters are woken first come, first served. One that finds its predicate unchanged goes to
/// the end of the queue. A notification that finds no waiter is not needed later: whoever comes
/// looks at the value first.
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
    /// Puts `value` behind the lock.
    #[must_use]
    pub const fn new(value: T) -> Self {
        Self { value: Mutex::const_new(value), changed: Notify::const_new() }
    }

    /// Waits for the lock, first come, first served.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but a dropped `lock` loses its place in the queue.
    pub async fn lock(&self) -> ConditionGuard<'_, T> {
        ConditionGuard { condition: self, value: self.value.lock().await }
    }

    /// Wakes the waiter that came first, if there is one.
    ///
    /// Right where any waiter can use any change. Where they wait for different things, use
    /// [`notify_all`](Self::notify_all): the one woken here may have no use for the change.
    ///
    /// Change the value first. The lock may be held, as asyncio demands, or already open.
    pub fn notify_one(&self) {
        self.changed.notify_one();
    }

    /// Wakes every waiter; each gets the lock in turn.
    pub fn notify_all(&self) {
        self.changed.notify_waiters();
    }

    /// Returns the value: nobody can hold the lock any more.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }

    /// Takes the lock for a waiter that was woken, or wakes the next one if this is cancelled.
    async fn lock_again(&self) -> ConditionGuard<'_, T> {
        // Mostly the lock is free. This overtakes nobody: a lock with a queue is never free.
        if let Ok(value) = self.value.try_lock() {
            return ConditionGuard { condition: self, value };
        }
        let hand_over = self.hand_over();
        let guard = self.lock().await;
        hand_over.not_needed();
        guard
    }

    fn hand_over(&self) -> HandOver<'_> {
        HandOver { changed: &self.changed }
    }
}

/// The lock of a [`Condition`], held.
#[derive(Debug)]
#[must_use = "dropping the guard opens the lock"]
pub struct ConditionGuard<'a, T> {
    condition: &'a Condition<T>,
    value: MutexGuard<'a, T>,
}

impl<'a, T> ConditionGuard<'a, T> {
    /// Opens the lock until `blocked` says no, and returns with the lock held again.
    ///
    /// Answers to `Condition.wait_for`, with the predicate the other way round, as in
    /// `std::sync::Condvar::wait_while`. It takes the guard and gives it back, so that no guard
    /// without its lock exists, not even when the wait is cancelled. `blocked` is called with
    /// the lock held: before the first wait, and after each wake-up.
    ///
    /// # Examples
    ///
    /// With a limit, after which the lock is open:
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use async_kit::{Condition, TimeLimit};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let stock = Condition::new(0);
    /// let sold = stock.lock().await.wait_while(|stock| *stock == 0);
    /// assert!(sold.within(Duration::from_millis(50)).await.is_err());
    ///
    /// *stock.lock().await += 1;
    /// let mut stock = stock.lock().await.wait_while(|stock| *stock == 0).await;
    /// *stock -= 1;
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If `blocked` does. The lock opens, and the wake-up goes to the next waiter.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: dropped at any point, it leaves the lock open and the value unchanged, and a
    /// wake-up it had already been given goes to the next waiter. Only its place in the queue is
    /// lost.
    pub async fn wait_while(mut self, mut blocked: impl FnMut(&mut T) -> bool) -> Self {
        if !blocked(&mut self.value) {
            return self;
        }
        loop {
            self = self.wait().await;
            let hand_over = self.condition.hand_over();
            let still_blocked = blocked(&mut self.value);
            hand_over.not_needed();
            if !still_blocked {
                return self;
            }
        }
    }

    /// Opens the lock, waits for one notification, takes the lock again.
    async fn wait(self) -> Self {
        let condition = self.condition;
        let mut held = Some(self);
        let mut changed = pin!(condition.changed.notified());
        poll_fn(|cx| {
            let woken = changed.as_mut().poll(cx);
            // Only a waiter that is now in the queue may open the lock. One that was woken on
            // the spot, by a notification nobody waited for, keeps it and looks again.
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

/// A wake-up that nobody has used yet; dropped, it wakes the next waiter.
#[must_use = "dropping it wakes another waiter"]
struct HandOver<'a> {
    changed: &'a Notify,
}

impl HandOver<'_> {
    fn not_needed(self) {
        std::mem::forget(self);
    }
}

impl Drop for HandOver<'_> {
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
    // That a cancelled waiter passes its wake-up on is shown by `tests/kit/cancellation`.
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
        task::JoinSet,
        time::{Instant, sleep},
    };

    use super::*;
    use crate::patterns::deadline::TimeLimit;

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
            Poll::Pending => panic!("nobody woke this waiter"),
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
        *condition.value.try_lock().expect("a waiter keeps the lock") += 1;
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
    fn a_predicate_that_panics_after_its_wake_up_leaves_it_to_the_next_waiter() {
        let condition = Condition::new(0);
        let fussy = |value: &mut u32| match value {
            0 => true,
            _ => panic!("a bug"),
        };
        let mut first =
            Box::pin(async { drop(condition.lock().await.wait_while(fussy).await) });
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
    fn a_predicate_that_panics_opens_the_lock() {
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

    /// The predicate looks at something outside the lock, and the change comes between its
    /// answer and the wait.
    #[test]
    fn a_change_between_the_look_and_the_wait_is_seen() {
        let (condition, looks) = (Condition::new(()), AtomicUsize::new(0));
        let mut waiting = Box::pin(async {
            let blocked = |_: &mut ()| {
                condition.notify_one();
                looks.fetch_add(1, Ordering::Relaxed) == 0
            };
            drop(condition.lock().await.wait_while(blocked).await);
        });
        assert!(poll(&mut waiting).is_ready(), "{looks:?} looks");
    }

    type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

    /// Plays another thread: its task runs in the very moment in which the lock opens.
    struct Eager(StdMutex<Option<Task>>);

    impl Eager {
        fn in_line_for_the_lock(
            task: impl Future<Output = ()> + Send + 'static,
        ) -> Arc<Self> {
            let eager = Arc::new(Self(StdMutex::new(Some(Box::pin(task)))));
            let waker = Waker::from(eager.clone());
            let mut line = eager.0.lock().unwrap();
            let first =
                line.as_mut().unwrap().as_mut().poll(&mut Context::from_waker(&waker));
            assert!(first.is_pending(), "the lock was free");
            drop(line);
            eager
        }
    }

    impl Wake for Eager {
        fn wake(self: Arc<Self>) {
            let mut line = self.0.lock().unwrap();
            if line.as_mut().is_some_and(|task| poll(task).is_ready()) {
                line.take();
            }
        }
    }

    /// A first wait for a positive value, with `task` in line for the lock while it looks.
    fn positive_before(
        condition: &Arc<Condition<u32>>,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> (Waiting<'_>, Arc<Eager>) {
        let held = condition.value.try_lock().unwrap();
        let mut waiter = positive(condition);
        assert!(poll(&mut waiter).is_pending());
        let eager = Eager::in_line_for_the_lock(task);
        drop(held);
        assert!(poll(&mut waiter).is_pending());
        (waiter, eager)
    }

    #[test]
    fn a_change_in_the_moment_the_lock_opens_wakes_the_waiter() {
        let condition = Arc::new(Condition::new(0));
        let producer = condition.clone();
        let (mut waiter, eager) = positive_before(&condition, async move {
            *producer.lock().await += 1;
            producer.notify_all();
        });
        assert!(eager.0.lock().unwrap().is_none(), "the producer had no turn");
        take_one(poll(&mut waiter));
    }

    #[test]
    fn a_waiter_that_comes_in_the_moment_the_lock_opens_is_second() {
        let condition = Arc::new(Condition::new(0));
        let other = condition.clone();
        let (mut waiter, eager) = positive_before(&condition, async move {
            take_one(Poll::Ready(positive(&other).await));
        });
        add_one(&condition);
        take_one(poll(&mut waiter));
        assert!(eager.0.lock().unwrap().is_some(), "the second waiter was served first");
    }

    #[test]
    fn a_notification_nobody_waited_for_costs_no_place_in_the_queue() {
        let condition = Arc::new(Condition::new(0));
        condition.notify_one();
        let other = condition.clone();
        let (mut waiter, eager) = positive_before(&condition, async move {
            take_one(Poll::Ready(positive(&other).await));
        });
        assert!(poll(&mut waiter).is_pending(), "{condition:?}");
        add_one(&condition);
        take_one(poll(&mut waiter));
        assert!(eager.0.lock().unwrap().is_some(), "the second waiter was served first");
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
    async fn each_consumer_gets_an_item_in_the_order_it_came() {
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
        let served = consumers.join_all().within(Duration::from_secs(1)).await;
        assert_eq!(served, Ok(vec![(0, Some(0), 0), (1, Some(1), 50)]));
        assert_eq!(*items.lock().await, [2, 3, 4]);
        assert_eq!(start.elapsed(), Duration::from_millis(250));
    }

    /// Consumers that give up again and again, from two threads: a single lost wake-up would
    /// leave an item behind with everybody waiting.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_wake_up_is_lost_between_threads() {
        const ITEMS: u32 = 5_000;
        let stock = Arc::new(Condition::new(0));
        let mut consumers = JoinSet::new();
        for _ in 0..4 {
            let stock = stock.clone();
            consumers.spawn(async move {
                for _ in 0..ITEMS / 4 {
                    take_impatiently(&stock).await;
                }
            });
        }
        for _ in 0..ITEMS {
            *stock.lock().await += 1;
            stock.notify_one();
        }
        let served = consumers.join_all().within(Duration::from_secs(30)).await;
        assert!(served.is_ok(), "{} left: {stock:?}", *stock.lock().await);
        assert_eq!(*stock.lock().await, 0);
    }

    /// Gives up after its first poll or two, then takes a second and patient turn.
    async fn take_impatiently(stock: &Condition<u32>) {
        let mut turns = 0;
        let impatience = poll_fn(|_| {
            turns += 1;
            if turns > 1 { Poll::Ready(()) } else { Poll::Pending }
        });
        tokio::select! {
            biased;
            mut stock = positive(stock) => *stock -= 1,
            () = impatience => *positive(stock).await -= 1,
        }
    }
}
