//! A work queue loses no item if a worker fails, a task is cancelled, or the queue is closed.

use std::{hint::spin_loop, pin::pin, task::Poll};

use async_kit::{Millis, WorkQueue, work_queue::SendError};
use tokio::{
    task::{JoinSet, yield_now},
    time::timeout,
};

use crate::{manual_task::poll_once, race::failed_rounds};

async fn bounded<F: Future>(future: F) -> F::Output {
    timeout(60.secs(), future).await.expect("this ends within a minute of virtual time")
}

/// A full queue of the items 0, 1, 2 …
async fn filled(items: u32) -> WorkQueue<u32> {
    let queue = WorkQueue::bounded(items as usize);
    for item in 0..items {
        bounded(queue.send(item)).await.expect("the queue is open");
    }
    queue
}

#[tokio::test(start_paused = true)]
async fn items_are_received_in_fifo_order() {
    let queue = filled(3).await;
    queue.close();
    for expected in 0..3 {
        assert_eq!(bounded(queue.recv()).await.expect("not drained").done(), expected);
    }
    assert!(bounded(queue.recv()).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn three_workers_share_what_two_producers_send() {
    let queue = WorkQueue::bounded(5);
    let mut producers = JoinSet::new();
    for producer in 0..2 {
        let queue = queue.clone();
        producers.spawn(async move {
            for item in 0..500 {
                queue.send(producer * 500 + item).await.expect("the queue is open");
            }
        });
    }
    let mut workers = JoinSet::new();
    for _ in 0..3 {
        let queue = queue.clone();
        workers.spawn(async move {
            let mut seen = Vec::new();
            while let Some(job) = queue.recv().await {
                seen.push(job.done());
            }
            seen
        });
    }
    bounded(producers.join_all()).await;
    queue.close();
    let mut seen = bounded(workers.join_all()).await.concat();
    seen.sort_unstable();
    assert_eq!(seen, Vec::from_iter(0..1000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_two_threads_each_item_is_done_once_even_if_workers_fail() {
    let queue = WorkQueue::<u32>::bounded(8);
    let mut workers = JoinSet::new();
    for _ in 0..3 {
        let queue = queue.clone();
        workers.spawn(async move {
            let mut seen = Vec::new();
            while let Some(job) = queue.recv().await {
                if *job % 7 > 0 || job.deliveries() == 2 {
                    seen.push(job.done());
                }
            }
            seen
        });
    }
    for item in 0..5000 {
        queue.send(item).await.expect("the queue is open");
    }
    bounded(queue.join()).await;
    queue.close();
    let mut seen = bounded(workers.join_all()).await.concat();
    seen.sort_unstable();
    assert_eq!(seen, Vec::from_iter(0..5000));
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_makes_the_sender_wait_for_a_recv() {
    let queue = filled(2).await;
    let mut third = pin!(queue.send(2));
    assert!(poll_once(third.as_mut()).is_pending());
    let job = bounded(queue.recv()).await.expect("not drained");
    assert!(poll_once(third.as_mut()).is_ready(), "{queue:?}");
    job.done();
}

#[tokio::test(start_paused = true)]
async fn the_job_of_a_panicked_worker_is_delivered_again_before_newer_items() {
    let queue = filled(2).await;
    let worker = queue.clone();
    let worker = tokio::spawn(async move {
        let job = worker.recv().await;
        panic!("cannot process {job:?}");
    });
    assert!(bounded(worker).await.is_err_and(|e| e.is_panic()));
    let again = bounded(queue.recv()).await.expect("not drained");
    assert_eq!((*again, again.deliveries()), (0, 2));
    again.done();
    assert_eq!(bounded(queue.recv()).await.expect("not drained").done(), 1);
}

#[tokio::test(start_paused = true)]
async fn returned_items_take_their_old_positions() {
    let queue = filled(4).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(bounded(queue.recv()).await.expect("not drained"));
    }
    // Item 1 returns first, then 0, then 2: not the order of sending and not its reverse.
    held.swap(0, 1);
    drop(held);
    queue.close();
    for expected in 0..4 {
        assert_eq!(bounded(queue.recv()).await.expect("not drained").done(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn an_item_that_is_never_done_becomes_a_dead_letter() {
    let queue = filled(1).await.max_deliveries(2);
    for delivery in 1..=2 {
        let job = bounded(queue.recv()).await.expect("not dead yet");
        assert_eq!(job.deliveries(), delivery);
    }
    bounded(queue.join()).await;
    assert!(queue.is_empty(), "{queue:?}");
    assert_eq!(queue.dead_letters(), [0]);
    assert_eq!(queue.dead_letters(), [0; 0], "each is returned once");
}

#[tokio::test(start_paused = true)]
async fn a_returned_item_needs_no_room_and_releases_none() {
    let queue = filled(1).await;
    let job = bounded(queue.recv()).await.expect("not drained");
    bounded(queue.send(1)).await.expect("there is room");
    drop(job);
    assert_eq!((queue.len(), queue.is_empty()), (2, false));
    bounded(queue.recv()).await.expect("not drained").done();
    assert!(poll_once(pin!(queue.send(2))).is_pending(), "the queue is full: {queue:?}");
    bounded(queue.recv()).await.expect("not drained").done();
    assert!(poll_once(pin!(queue.send(2))).is_ready(), "{queue:?}");
}

#[tokio::test(start_paused = true)]
async fn join_waits_for_done_and_not_for_recv() {
    let queue = filled(2).await;
    let first = bounded(queue.recv()).await.expect("not drained");
    let second = bounded(queue.recv()).await.expect("not drained");
    let mut join = pin!(queue.join());
    assert!(poll_once(join.as_mut()).is_pending());
    first.done();
    assert!(poll_once(join.as_mut()).is_pending());
    second.done();
    assert!(poll_once(join.as_mut()).is_ready(), "{queue:?}");
    assert!(poll_once(pin!(queue.join())).is_ready());
}

#[tokio::test(start_paused = true)]
async fn join_waits_for_the_other_items_after_a_dead_letter() {
    let queue = filled(2).await.max_deliveries(1);
    let dead = bounded(queue.recv()).await.expect("not drained");
    let other = bounded(queue.recv()).await.expect("not drained");
    let mut join = pin!(queue.join());
    assert!(poll_once(join.as_mut()).is_pending());
    drop(dead);
    assert!(poll_once(join.as_mut()).is_pending(), "one item is not done: {queue:?}");
    other.done();
    assert!(poll_once(join).is_ready(), "{queue:?}");
}

#[tokio::test(start_paused = true)]
async fn join_returns_even_if_the_next_item_is_sent_before_it_runs() {
    let queue = filled(1).await;
    let job = bounded(queue.recv()).await.expect("not drained");
    let mut join = pin!(queue.join());
    assert!(poll_once(join.as_mut()).is_pending());
    job.done();
    bounded(queue.send(1)).await.expect("the queue is open");
    assert!(poll_once(join).is_ready(), "all items were done for a moment: {queue:?}");
}

/// One thread finishes an item. The other thread then sends the next item and joins, perhaps before
/// the first thread has woken the waiters for the earlier item.
#[test]
fn join_ignores_items_that_were_done_before_it_began() {
    let queues: Vec<_> = (0..100).map(|_| WorkQueue::<u32>::bounded(2)).collect();
    let finish_one = |queue: &WorkQueue<u32>| {
        if let Poll::Ready(Some(job)) = poll_once(pin!(queue.recv())) {
            job.done();
        }
    };
    let early = failed_rounds(&queues, finish_one, |round, queue| {
        let mut sent = poll_once(pin!(queue.send(1))).is_ready();
        round.begin();
        while poll_once(pin!(queue.join())).is_pending() && !round.has_ended() {
            spin_loop();
        }
        sent &= poll_once(pin!(queue.send(2))).is_ready();
        let mut join = pin!(queue.join());
        let immediately = poll_once(join.as_mut()).is_ready();
        round.wait_for_end();
        !sent || immediately || poll_once(join).is_ready()
    });
    assert_eq!(early, 0, "of {} rounds", queues.len());
}

#[tokio::test(start_paused = true)]
async fn a_closed_queue_ends_only_when_no_item_can_return() {
    let queue = filled(1).await;
    let job = bounded(queue.recv()).await.expect("not drained");
    queue.close();
    let mut waiting = Box::pin(queue.recv());
    assert!(poll_once(waiting.as_mut()).is_pending(), "the item may still return");
    drop(job);
    let Poll::Ready(Some(again)) = poll_once(waiting.as_mut()) else {
        panic!("{queue:?}")
    };
    let mut waiting = Box::pin(queue.recv());
    assert!(poll_once(waiting.as_mut()).is_pending());
    again.done();
    assert!(matches!(poll_once(waiting.as_mut()), Poll::Ready(None)), "{queue:?}");
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_also_ends_a_closed_queue() {
    let queue = filled(1).await.max_deliveries(1);
    queue.close();
    let job = bounded(queue.recv()).await.expect("not drained");
    let user = queue.clone();
    let worker = tokio::spawn(async move { user.recv().await.is_none() });
    yield_now().await;
    drop(job);
    assert!(bounded(worker).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn closing_returns_the_item_to_a_waiting_sender() {
    let queue = filled(1).await;
    let user = queue.clone();
    let sender = tokio::spawn(async move { user.send(7).await });
    yield_now().await;
    queue.close();
    assert_eq!(bounded(sender).await.unwrap(), Err(SendError(7)));
    assert_eq!(bounded(queue.send(8)).await, Err(SendError(8)));
    assert_eq!(SendError(8).to_string(), "the work queue is closed");
}

#[tokio::test(start_paused = true)]
async fn after_close_a_sender_that_was_granted_room_gets_an_error() {
    let queue = filled(1).await;
    let mut sender = Box::pin(queue.send(7));
    assert!(poll_once(sender.as_mut()).is_pending());
    bounded(queue.recv()).await.expect("not drained").done();
    queue.close();
    assert_eq!(poll_once(sender.as_mut()), Poll::Ready(Err(SendError(7))));
    assert!(bounded(queue.recv()).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn receivers_and_senders_are_served_in_fifo_order() {
    let queue = WorkQueue::bounded(1);
    let mut first = Box::pin(queue.recv());
    let mut second = Box::pin(queue.recv());
    assert!(poll_once(first.as_mut()).is_pending());
    assert!(poll_once(second.as_mut()).is_pending());
    bounded(queue.send(1)).await.expect("the queue is open");
    assert!(poll_once(second.as_mut()).is_pending(), "the item belongs to the first");
    assert!(poll_once(pin!(queue.recv())).is_pending(), "a newcomer does not overtake");
    assert!(matches!(poll_once(first.as_mut()), Poll::Ready(Some(_))));
    drop((first, second));

    let queue = filled(1).await;
    let mut first = Box::pin(queue.send(1));
    let mut second = Box::pin(queue.send(2));
    assert!(poll_once(first.as_mut()).is_pending());
    assert!(poll_once(second.as_mut()).is_pending());
    bounded(queue.recv()).await.expect("not drained").done();
    assert!(poll_once(second.as_mut()).is_pending(), "the room belongs to the first");
    assert!(poll_once(pin!(queue.send(3))).is_pending(), "a newcomer does not overtake");
    assert!(poll_once(first.as_mut()).is_ready());
}

#[tokio::test(start_paused = true)]
async fn a_receiver_dropped_after_its_wake_passes_the_item_on() {
    let queue = WorkQueue::<u32>::bounded(2);
    let mut first = Box::pin(queue.recv());
    assert!(poll_once(first.as_mut()).is_pending());
    let user = queue.clone();
    let second = tokio::spawn(async move { user.recv().await.map(|job| job.done()) });
    yield_now().await;
    bounded(queue.send(7)).await.expect("the queue is open");
    drop(first);
    assert_eq!(bounded(second).await.unwrap(), Some(7));
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_moves_to_another_task_is_still_woken() {
    let queue = WorkQueue::<u32>::bounded(1);
    let user = queue.clone();
    let mut moving = Box::pin(async move { user.recv().await.map(|job| job.done()) });
    assert!(poll_once(moving.as_mut()).is_pending());
    let moved = tokio::spawn(moving);
    yield_now().await;
    bounded(queue.send(7)).await.expect("the queue is open");
    assert_eq!(bounded(moved).await.unwrap(), Some(7));
}

#[tokio::test(start_paused = true)]
async fn a_sender_dropped_after_its_wake_passes_the_room_on() {
    let queue = filled(1).await;
    let mut first = Box::pin(queue.send(1));
    assert!(poll_once(first.as_mut()).is_pending());
    let user = queue.clone();
    let second = tokio::spawn(async move { user.send(2).await });
    yield_now().await;
    bounded(queue.recv()).await.expect("not drained").done();
    drop(first);
    assert_eq!(bounded(second).await.unwrap(), Ok(()));
    assert_eq!(bounded(queue.recv()).await.expect("not drained").done(), 2);
}

#[tokio::test(start_paused = true)]
async fn cancelled_waiters_leave_nothing_behind() {
    let queue = filled(1).await;
    for _ in 0..1000 {
        assert!(poll_once(pin!(queue.send(7))).is_pending());
        assert!(poll_once(pin!(queue.join())).is_pending());
    }
    assert_eq!(bounded(queue.recv()).await.expect("not drained").done(), 0);
    for _ in 0..1000 {
        assert!(poll_once(pin!(queue.recv())).is_pending());
    }
    bounded(queue.send(8)).await.expect("there is room");
    assert_eq!(bounded(queue.recv()).await.expect("not drained").done(), 8);
    assert!(poll_once(pin!(queue.join())).is_ready());
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_never_waits_still_yields_to_other_tasks() {
    let queue = filled(10_000).await;
    let user = queue.clone();
    let worker = tokio::spawn(async move {
        while let Some(job) = user.recv().await {
            job.done();
        }
    });
    yield_now().await;
    assert!(queue.len() > 5_000, "the worker did not yield: {queue:?}");
    queue.close();
    bounded(worker).await.unwrap();
}

#[test]
#[should_panic(expected = "a work queue needs a capacity of at least 1")]
fn a_capacity_of_zero_is_refused() {
    let _ = WorkQueue::<()>::bounded(0);
}

#[test]
#[should_panic(expected = "an item has to be delivered at least once")]
fn zero_deliveries_are_refused() {
    let _ = WorkQueue::<()>::bounded(1).max_deliveries(0);
}
