//! A priority queue hands out the most urgent item, and loses none.

use std::{
    cell::Cell,
    cmp::Ordering,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use async_kit::{
    Millis, PriorityQueue,
    priority_queue::{PushError, TryPushError},
};
use tokio::{
    task::{JoinSet, yield_now},
    time::{sleep, timeout},
};

async fn bounded<F: Future>(future: F) -> F::Output {
    timeout(60.secs(), future).await.expect("this ends within a minute of virtual time")
}

/// Polls a future once, by hand.
fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn the_lowest_number_leaves_first_and_equals_in_the_order_they_came() {
    let queue = PriorityQueue::bounded(300);
    // Many equals: a heap keeps a few in order by chance.
    for item in 0..300 {
        assert_eq!(queue.try_push(2 - item % 3, item), Ok(()));
    }
    let order = Vec::from_iter(std::iter::from_fn(|| queue.try_pop()));
    let of_priority = |priority| (0..300).filter(move |item| 2 - item % 3 == priority);
    assert_eq!(order, Vec::from_iter((0..3).flat_map(of_priority)));
}

#[test]
fn items_need_no_order_of_their_own() {
    struct NoOrder;
    let queue = PriorityQueue::bounded(2);
    assert!(queue.try_push(1, NoOrder).is_ok());
    assert!(queue.try_push(1, NoOrder).is_ok());
    assert!(queue.try_push(1, NoOrder).is_err_and(|e| e.to_string().contains("full")));
    assert_eq!(queue.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn pop_waits_for_a_producer_that_comes_later() {
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
async fn a_woken_popper_takes_what_is_most_urgent_by_then() {
    let queue = PriorityQueue::bounded(2);
    let mut popper = Box::pin(queue.pop());
    assert!(poll(popper.as_mut()).is_pending());
    queue.try_push(5, "later").unwrap();
    queue.try_push(1, "now").unwrap();
    assert_eq!(poll(popper.as_mut()), Poll::Ready(Some("now")));
    assert_eq!(queue.try_pop(), Some("later"));
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_makes_push_wait() {
    let queue = PriorityQueue::bounded(1);
    queue.try_push(5, 'a').unwrap();
    assert_eq!(queue.try_push(1, 'b'), Err(TryPushError::Full('b')));
    let mut push = Box::pin(queue.push(1, 'b'));
    assert!(poll(push.as_mut()).is_pending());
    assert_eq!(bounded(queue.pop()).await, Some('a'));
    assert_eq!(queue.try_push(9, 'c'), Err(TryPushError::Full('c')), "it is taken");
    assert_eq!(poll(push.as_mut()), Poll::Ready(Ok(())));
    assert_eq!(queue.try_pop(), Some('b'));
}

#[tokio::test(start_paused = true)]
async fn a_closed_queue_is_drained_and_then_over() {
    let queue = PriorityQueue::bounded(1);
    queue.try_push(1, 'a').unwrap();
    let mut push = Box::pin(queue.push(1, 'b'));
    assert!(poll(push.as_mut()).is_pending());
    queue.close();
    assert_eq!(poll(push.as_mut()), Poll::Ready(Err(PushError('b'))));
    assert_eq!(queue.try_push(1, 'c'), Err(TryPushError::Closed('c')));
    assert_eq!(bounded(queue.push(1, 'd')).await, Err(PushError('d')));
    assert_eq!(bounded(queue.pop()).await, Some('a'));
    assert_eq!(bounded(queue.pop()).await, None);
}

#[tokio::test(start_paused = true)]
async fn closing_wakes_every_popper() {
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

/// On several threads the second popper may be polled before the first one, whose item it is.
#[tokio::test(start_paused = true)]
async fn who_takes_the_last_item_of_a_closed_queue_tells_the_others() {
    let queue = PriorityQueue::bounded(1);
    let mut first = Box::pin(queue.pop());
    assert!(poll(first.as_mut()).is_pending());
    let user = queue.clone();
    let second = tokio::spawn(async move { user.pop().await });
    yield_now().await;
    queue.try_push(1, 'a').unwrap();
    queue.close();
    yield_now().await;
    assert!(!second.is_finished(), "the item may still come to the second in line");
    assert_eq!(poll(first.as_mut()), Poll::Ready(Some('a')));
    assert_eq!(bounded(second).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_popper_dropped_after_its_wake_passes_the_item_on() {
    let queue = PriorityQueue::bounded(2);
    let mut first = Box::pin(queue.pop());
    assert!(poll(first.as_mut()).is_pending());
    let user = queue.clone();
    let second = tokio::spawn(async move { user.pop().await });
    yield_now().await;
    queue.try_push(1, 'a').unwrap();
    assert_eq!(queue.try_pop(), None, "it belongs to the first in line");
    drop(first);
    assert_eq!(bounded(second).await.unwrap(), Some('a'));
}

#[tokio::test(start_paused = true)]
async fn a_pusher_dropped_after_its_wake_passes_the_room_on() {
    let queue = PriorityQueue::bounded(1);
    queue.try_push(1, 'a').unwrap();
    let mut first = Box::pin(queue.push(1, 'b'));
    assert!(poll(first.as_mut()).is_pending());
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
        assert!(poll(pin!(queue.push(1, 'c'))).is_pending());
    }
    assert_eq!(queue.try_pop(), Some('b'));
    assert_eq!(queue.try_push(1, 'd'), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_never_waits_still_lets_others_run() {
    let queue = PriorityQueue::bounded(10_000);
    for item in 0..10_000 {
        queue.try_push(item, item).unwrap();
    }
    let user = queue.clone();
    let consumer = tokio::spawn(async move { while user.pop().await.is_some() {} });
    yield_now().await;
    assert!(queue.len() > 5_000, "the consumer kept the thread: {queue:?}");
    queue.close();
    bounded(consumer).await.unwrap();
}

thread_local! {
    static ANGRY: Cell<bool> = const { Cell::new(false) };
}

/// Panics when it is compared while the thread is angry.
#[derive(Debug, PartialEq, Eq)]
struct Touchy(u32);

impl Ord for Touchy {
    fn cmp(&self, other: &Self) -> Ordering {
        assert!(!ANGRY.get(), "do not compare {self:?} with {other:?} now");
        self.0.cmp(&other.0)
    }
}

impl PartialOrd for Touchy {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn panics_when_angry<T>(call: impl FnOnce() -> T) -> bool {
    ANGRY.set(true);
    let caught = catch_unwind(AssertUnwindSafe(call));
    ANGRY.set(false);
    caught.is_err()
}

#[tokio::test(start_paused = true)]
async fn a_push_that_panics_still_wakes_a_popper_and_lets_the_queue_end() {
    let queue = PriorityQueue::bounded(4);
    let mut poppers = JoinSet::new();
    for _ in 0..2 {
        let user = queue.clone();
        poppers.spawn(async move { user.pop().await });
    }
    yield_now().await;
    queue.try_push(Touchy(1), 'a').unwrap();
    assert!(panics_when_angry(|| queue.try_push(Touchy(2), 'b')));
    let popped = bounded(poppers.join_all()).await;
    assert!(popped.contains(&Some('a')), "{popped:?}");
    queue.close();
    assert_eq!(bounded(queue.pop()).await, None, "{queue:?}");
}

#[tokio::test(start_paused = true)]
async fn a_pop_that_panics_loses_its_item_and_not_its_room() {
    let queue = PriorityQueue::bounded(3);
    for (rank, item) in (0..).zip(['a', 'b', 'c']) {
        queue.try_push(Touchy(rank), item).unwrap();
    }
    let user = queue.clone();
    let pusher = tokio::spawn(async move { user.push(Touchy(3), 'd').await });
    yield_now().await;
    assert!(panics_when_angry(|| queue.try_pop()));
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
