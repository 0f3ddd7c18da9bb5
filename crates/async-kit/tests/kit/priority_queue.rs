//! A priority queue returns the most urgent item, and loses none.

use std::{
    cell::Cell,
    cmp::Ordering,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

use async_kit::{
    Millis, PriorityQueue,
    priority_queue::{PushError, TryPushError},
};
use tokio::{
    task::{JoinSet, yield_now},
    time::{sleep, timeout},
};

use crate::manual_task::poll_once;

async fn bounded<F: Future>(future: F) -> F::Output {
    timeout(60.secs(), future).await.expect("this ends within a minute of virtual time")
}

#[test]
fn the_lowest_priority_leaves_first_and_equal_ones_in_fifo_order() {
    let queue = PriorityQueue::bounded(300);
    // Many items of equal priority, because a heap may keep a few in order by chance.
    for item in 0..300 {
        assert_eq!(queue.try_push(2 - item % 3, item), Ok(()));
    }
    let order = Vec::from_iter(std::iter::from_fn(|| queue.try_pop()));
    let of_priority = |priority| (0..300).filter(move |item| 2 - item % 3 == priority);
    assert_eq!(order, Vec::from_iter((0..3).flat_map(of_priority)));
}

#[test]
fn items_need_not_implement_ord() {
    struct NoOrder;
    let queue = PriorityQueue::bounded(2);
    assert!(queue.try_push(1, NoOrder).is_ok());
    assert!(queue.try_push(1, NoOrder).is_ok());
    assert!(queue.try_push(1, NoOrder).is_err_and(|e| e.to_string().contains("full")));
    assert_eq!((queue.len(), queue.is_empty()), (2, false));
}

#[tokio::test(start_paused = true)]
async fn pop_waits_for_an_item_that_is_pushed_later() {
    let queue = PriorityQueue::bounded(1);
    let user = queue.clone();
    let producer = tokio::spawn(async move {
        sleep(100.ms()).await;
        user.push(1, "late").await
    });
    assert_eq!(bounded(queue.pop()).await, Some("late"));
    assert_eq!(producer.await.unwrap(), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_woken_pop_takes_the_item_that_is_most_urgent_when_it_runs() {
    let queue = PriorityQueue::bounded(2);
    let mut popper = Box::pin(queue.pop());
    assert!(poll_once(popper.as_mut()).is_pending());
    queue.try_push(5, "later").unwrap();
    queue.try_push(1, "now").unwrap();
    assert_eq!(poll_once(popper.as_mut()), Poll::Ready(Some("now")));
    assert_eq!(queue.try_pop(), Some("later"));
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_makes_push_wait() {
    let queue = PriorityQueue::bounded(1);
    queue.try_push(5, 'a').unwrap();
    assert_eq!(queue.try_push(1, 'b'), Err(TryPushError::Full('b')));
    let mut push = Box::pin(queue.push(1, 'b'));
    assert!(poll_once(push.as_mut()).is_pending());
    assert_eq!(bounded(queue.pop()).await, Some('a'));
    assert_eq!(
        queue.try_push(9, 'c'),
        Err(TryPushError::Full('c')),
        "the room belongs to the waiting push"
    );
    assert_eq!(poll_once(push.as_mut()), Poll::Ready(Ok(())));
    assert_eq!(queue.try_pop(), Some('b'));
}

#[tokio::test(start_paused = true)]
async fn a_closed_queue_returns_its_items_and_then_ends() {
    let queue = PriorityQueue::bounded(1);
    queue.try_push(1, 'a').unwrap();
    let mut push = Box::pin(queue.push(1, 'b'));
    assert!(poll_once(push.as_mut()).is_pending());
    queue.close();
    assert_eq!(poll_once(push.as_mut()), Poll::Ready(Err(PushError('b'))));
    assert_eq!(queue.try_push(1, 'c'), Err(TryPushError::Closed('c')));
    let refused = bounded(queue.push(1, 'd')).await.unwrap_err();
    assert_eq!(refused, PushError('d'));
    assert_eq!(refused.to_string(), "the priority queue is closed");
    assert_eq!(bounded(queue.pop()).await, Some('a'));
    assert_eq!(bounded(queue.pop()).await, None);
}

#[tokio::test(start_paused = true)]
async fn closing_wakes_every_waiting_pop() {
    let queue = PriorityQueue::<u8, u8>::bounded(1);
    let poppers = [(); 3].map(|()| {
        let queue = queue.clone();
        tokio::spawn(async move { queue.pop().await })
    });
    yield_now().await;
    queue.close();
    for popper in poppers {
        assert_eq!(bounded(popper).await.unwrap(), None);
    }
}

/// The first `pop` was granted the item. On several threads the second may be polled before it.
#[tokio::test(start_paused = true)]
async fn the_pop_of_the_last_item_of_a_closed_queue_wakes_the_others() {
    let queue = PriorityQueue::bounded(1);
    let mut first = Box::pin(queue.pop());
    assert!(poll_once(first.as_mut()).is_pending());
    let user = queue.clone();
    let second = tokio::spawn(async move { user.pop().await });
    yield_now().await;
    queue.try_push(1, 'a').unwrap();
    queue.close();
    yield_now().await;
    assert!(!second.is_finished(), "the second may still get the item");
    assert_eq!(poll_once(first.as_mut()), Poll::Ready(Some('a')));
    assert_eq!(bounded(second).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_pop_dropped_after_its_wake_passes_the_item_on() {
    let queue = PriorityQueue::bounded(2);
    let mut first = Box::pin(queue.pop());
    assert!(poll_once(first.as_mut()).is_pending());
    let user = queue.clone();
    let second = tokio::spawn(async move { user.pop().await });
    yield_now().await;
    queue.try_push(1, 'a').unwrap();
    assert_eq!(queue.try_pop(), None, "the item belongs to the first `pop`");
    drop(first);
    assert_eq!(bounded(second).await.unwrap(), Some('a'));
}

#[tokio::test(start_paused = true)]
async fn a_push_dropped_after_its_wake_passes_the_room_on() {
    let queue = PriorityQueue::bounded(1);
    queue.try_push(1, 'a').unwrap();
    let mut first = Box::pin(queue.push(1, 'b'));
    assert!(poll_once(first.as_mut()).is_pending());
    let user = queue.clone();
    let second = tokio::spawn(async move { user.push(1, 'c').await });
    yield_now().await;
    assert_eq!(bounded(queue.pop()).await, Some('a'));
    drop(first);
    assert_eq!(bounded(second).await.unwrap(), Ok(()));
    assert_eq!(queue.try_pop(), Some('c'));
    assert!(queue.is_empty(), "{queue:?}");
}

#[tokio::test(start_paused = true)]
async fn futures_that_are_never_polled_take_nothing() {
    let queue = PriorityQueue::bounded(1);
    drop(queue.push(1, 'a'));
    queue.try_push(2, 'b').unwrap();
    drop(queue.pop());
    for _ in 0..100 {
        assert!(poll_once(pin!(queue.push(1, 'c'))).is_pending());
    }
    assert_eq!(queue.try_pop(), Some('b'));
    assert_eq!(queue.try_push(1, 'd'), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_never_waits_still_yields_to_other_tasks() {
    let queue = PriorityQueue::bounded(10_000);
    for item in 0..10_000 {
        queue.try_push(item, item).unwrap();
    }
    let user = queue.clone();
    let consumer = tokio::spawn(async move { while user.pop().await.is_some() {} });
    yield_now().await;
    assert!(queue.len() > 5_000, "the consumer did not yield: {queue:?}");
    queue.close();
    bounded(consumer).await.unwrap();
}

thread_local! {
    static PANICS: Cell<bool> = const { Cell::new(false) };
}

/// A priority whose comparison panics while `PANICS` is `true`.
#[derive(Debug, PartialEq, Eq)]
struct PanickingOrd(u32);

impl Ord for PanickingOrd {
    fn cmp(&self, other: &Self) -> Ordering {
        assert!(!PANICS.get(), "do not compare {self:?} with {other:?} now");
        self.0.cmp(&other.0)
    }
}

impl PartialOrd for PanickingOrd {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn panics_while_comparing<T>(call: impl FnOnce() -> T) -> bool {
    PANICS.set(true);
    let caught = catch_unwind(AssertUnwindSafe(call));
    PANICS.set(false);
    caught.is_err()
}

#[tokio::test(start_paused = true)]
async fn a_push_that_panics_still_wakes_a_pop_and_the_queue_can_end() {
    let queue = PriorityQueue::bounded(4);
    let mut poppers = JoinSet::new();
    for _ in 0..2 {
        let user = queue.clone();
        poppers.spawn(async move { user.pop().await });
    }
    yield_now().await;
    queue.try_push(PanickingOrd(1), 'a').unwrap();
    assert!(panics_while_comparing(|| queue.try_push(PanickingOrd(2), 'b')));
    let popped = bounded(poppers.join_all()).await;
    assert!(popped.contains(&Some('a')), "{popped:?}");
    queue.close();
    assert_eq!(bounded(queue.pop()).await, None, "{queue:?}");
}

#[tokio::test(start_paused = true)]
async fn a_pop_that_panics_loses_its_item_but_not_its_room() {
    let queue = PriorityQueue::bounded(3);
    for (rank, item) in (0..).zip(['a', 'b', 'c']) {
        queue.try_push(PanickingOrd(rank), item).unwrap();
    }
    let user = queue.clone();
    let pusher = tokio::spawn(async move { user.push(PanickingOrd(3), 'd').await });
    yield_now().await;
    assert!(panics_while_comparing(|| queue.try_pop()));
    assert_eq!(bounded(pusher).await.unwrap(), Ok(()), "{queue:?}");
    queue.close();
    let mut left = Vec::new();
    while let Some(item) = bounded(queue.pop()).await {
        left.push(item);
    }
    assert_eq!(left.len(), 3, "{left:?}");
}

#[test]
#[should_panic(expected = "a priority queue needs a capacity of at least 1")]
fn a_capacity_of_zero_is_refused() {
    let _ = PriorityQueue::<u8, u8>::bounded(0);
}
