//! A work queue loses no item, whoever fails, is cancelled, or closes it.

use std::{
    hint::spin_loop,
    pin::{Pin, pin},
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll, Waker},
    thread,
};

use async_kit::{Millis, WorkQueue, work_queue::SendError};
use tokio::{
    task::{JoinSet, yield_now},
    time::timeout,
};

async fn bounded<F: Future>(future: F) -> F::Output {
    timeout(60.secs(), future).await.expect("this ends within a minute of virtual time")
}

/// Polls a future once, by hand.
fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// A queue that holds 0, 1, 2 … and is as large as that.
async fn filled(items: u32) -> WorkQueue<u32> {
    let queue = WorkQueue::bounded(items as usize);
    for item in 0..items {
        bounded(queue.send(item)).await.expect("the queue is open");
    }
    queue
}

#[tokio::test(start_paused = true)]
async fn items_leave_in_the_order_they_came() {
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
async fn on_two_threads_each_item_is_done_once_though_workers_give_up() {
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
    assert!(poll(third.as_mut()).is_pending());
    let job = bounded(queue.recv()).await.expect("not drained");
    assert!(poll(third.as_mut()).is_ready(), "{queue:?}");
    job.done();
}

#[tokio::test(start_paused = true)]
async fn a_job_of_a_panicked_worker_goes_to_the_next_one_ahead_of_newer_items() {
    let queue = filled(2).await;
    let worker = queue.clone();
    let worker = tokio::spawn(async move {
        let job = worker.recv().await;
        panic!("cannot digest {job:?}");
    });
    assert!(bounded(worker).await.is_err_and(|e| e.is_panic()));
    let again = bounded(queue.recv()).await.expect("not drained");
    assert_eq!((*again, again.deliveries()), (0, 2));
    again.done();
    assert_eq!(bounded(queue.recv()).await.expect("not drained").done(), 1);
}

#[tokio::test(start_paused = true)]
async fn items_that_come_back_take_their_old_places() {
    let queue = filled(4).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(bounded(queue.recv()).await.expect("not drained"));
    }
    // 1 first, then 0, then 2: neither as they left nor the other way round.
    held.swap(0, 1);
    drop(held);
    queue.close();
    for expected in 0..4 {
        assert_eq!(bounded(queue.recv()).await.expect("not drained").done(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn an_item_that_is_never_done_ends_among_the_dead_letters() {
    let queue = filled(1).await.max_deliveries(2);
    for delivery in 1..=2 {
        let job = bounded(queue.recv()).await.expect("not dead yet");
        assert_eq!(job.deliveries(), delivery);
    }
    bounded(queue.join()).await;
    assert!(queue.is_empty(), "{queue:?}");
    assert_eq!(queue.dead_letters(), [0]);
    assert_eq!(queue.dead_letters(), [0; 0], "each is given out once");
}

#[tokio::test(start_paused = true)]
async fn an_item_that_came_back_needs_no_room_and_frees_none() {
    let queue = filled(1).await;
    let job = bounded(queue.recv()).await.expect("not drained");
    bounded(queue.send(1)).await.expect("there is room");
    drop(job);
    assert_eq!(queue.len(), 2);
    bounded(queue.recv()).await.expect("not drained").done();
    assert!(poll(pin!(queue.send(2))).is_pending(), "one room, one item: {queue:?}");
    bounded(queue.recv()).await.expect("not drained").done();
    assert!(poll(pin!(queue.send(2))).is_ready(), "{queue:?}");
}

#[tokio::test(start_paused = true)]
async fn join_waits_for_the_answer_and_not_for_the_recv() {
    let queue = filled(2).await;
    let first = bounded(queue.recv()).await.expect("not drained");
    let second = bounded(queue.recv()).await.expect("not drained");
    let mut join = pin!(queue.join());
    assert!(poll(join.as_mut()).is_pending());
    first.done();
    assert!(poll(join.as_mut()).is_pending());
    second.done();
    assert!(poll(join.as_mut()).is_ready(), "{queue:?}");
    assert!(poll(pin!(queue.join())).is_ready());
}

#[tokio::test(start_paused = true)]
async fn join_returns_though_the_next_item_is_there_before_it_looks() {
    let queue = filled(1).await;
    let job = bounded(queue.recv()).await.expect("not drained");
    let mut join = pin!(queue.join());
    assert!(poll(join.as_mut()).is_pending());
    job.done();
    bounded(queue.send(1)).await.expect("the queue is open");
    assert!(poll(join).is_ready(), "everything was done once: {queue:?}");
}

/// One thread finishes an item; the other has seen that, sends the next one and joins, perhaps
/// before the first thread has told anybody.
#[test]
fn join_never_returns_for_items_that_were_done_before_it_began() {
    let queues: Vec<_> = (0..100).map(|_| WorkQueue::<u32>::bounded(2)).collect();
    let (begun, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let reached = |counter: &AtomicUsize, round| {
        while counter.load(Ordering::Acquire) < round {
            thread::yield_now();
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            for (round, queue) in (1..).zip(&queues) {
                reached(&begun, round);
                if let Poll::Ready(Some(job)) = poll(pin!(queue.recv())) {
                    job.done();
                }
                done.store(round, Ordering::Release);
            }
        });
        let early = |(round, queue): (usize, &WorkQueue<u32>)| {
            // Asserted at the end: a panic here would leave the other thread waiting.
            let mut sent = poll(pin!(queue.send(1))).is_ready();
            begun.store(round, Ordering::Release);
            let is_over = || done.load(Ordering::Acquire) >= round;
            while poll(pin!(queue.join())).is_pending() && !is_over() {
                spin_loop();
            }
            sent &= poll(pin!(queue.send(2))).is_ready();
            let mut join = pin!(queue.join());
            let at_once = poll(join.as_mut()).is_ready();
            reached(&done, round);
            !sent || at_once || poll(join).is_ready()
        };
        let early = (1..).zip(&queues).filter(|round| early(*round)).count();
        assert_eq!(early, 0, "of {} rounds", queues.len());
    });
}

#[tokio::test(start_paused = true)]
async fn a_closed_queue_is_over_only_when_no_job_can_come_back() {
    let queue = filled(1).await;
    let job = bounded(queue.recv()).await.expect("not drained");
    queue.close();
    let mut waiting = Box::pin(queue.recv());
    assert!(poll(waiting.as_mut()).is_pending(), "the job may still come back");
    drop(job);
    let Poll::Ready(Some(again)) = poll(waiting.as_mut()) else { panic!("{queue:?}") };
    let mut waiting = Box::pin(queue.recv());
    assert!(poll(waiting.as_mut()).is_pending());
    again.done();
    assert!(matches!(poll(waiting.as_mut()), Poll::Ready(None)), "{queue:?}");
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
async fn closing_gives_the_item_back_to_a_sender_that_waits() {
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
async fn closing_beats_a_room_that_was_already_handed_over() {
    let queue = filled(1).await;
    let mut sender = Box::pin(queue.send(7));
    assert!(poll(sender.as_mut()).is_pending());
    bounded(queue.recv()).await.expect("not drained").done();
    queue.close();
    assert_eq!(poll(sender.as_mut()), Poll::Ready(Err(SendError(7))));
    assert!(bounded(queue.recv()).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn receivers_and_senders_are_served_in_the_order_they_came() {
    let queue = WorkQueue::bounded(1);
    let mut first = Box::pin(queue.recv());
    let mut second = Box::pin(queue.recv());
    assert!(poll(first.as_mut()).is_pending());
    assert!(poll(second.as_mut()).is_pending());
    bounded(queue.send(1)).await.expect("the queue is open");
    assert!(poll(second.as_mut()).is_pending(), "the item belongs to the first");
    assert!(poll(pin!(queue.recv())).is_pending(), "a newcomer does not overtake");
    assert!(matches!(poll(first.as_mut()), Poll::Ready(Some(_))));
    drop((first, second));

    let queue = filled(1).await;
    let mut first = Box::pin(queue.send(1));
    let mut second = Box::pin(queue.send(2));
    assert!(poll(first.as_mut()).is_pending());
    assert!(poll(second.as_mut()).is_pending());
    bounded(queue.recv()).await.expect("not drained").done();
    assert!(poll(second.as_mut()).is_pending(), "the room belongs to the first");
    assert!(poll(pin!(queue.send(3))).is_pending(), "a newcomer does not overtake");
    assert!(poll(first.as_mut()).is_ready());
}

#[tokio::test(start_paused = true)]
async fn a_receiver_dropped_after_its_wake_passes_the_item_on() {
    let queue = WorkQueue::<u32>::bounded(2);
    let mut first = Box::pin(queue.recv());
    assert!(poll(first.as_mut()).is_pending());
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
    assert!(poll(moving.as_mut()).is_pending());
    let moved = tokio::spawn(moving);
    yield_now().await;
    bounded(queue.send(7)).await.expect("the queue is open");
    assert_eq!(bounded(moved).await.unwrap(), Some(7));
}

#[tokio::test(start_paused = true)]
async fn a_sender_dropped_after_its_wake_passes_the_room_on() {
    let queue = filled(1).await;
    let mut first = Box::pin(queue.send(1));
    assert!(poll(first.as_mut()).is_pending());
    let user = queue.clone();
    let second = tokio::spawn(async move { user.send(2).await });
    yield_now().await;
    bounded(queue.recv()).await.expect("not drained").done();
    drop(first);
    assert_eq!(bounded(second).await.unwrap(), Ok(()));
    assert_eq!(bounded(queue.recv()).await.expect("not drained").done(), 2);
}

#[tokio::test(start_paused = true)]
async fn waiters_that_give_up_leave_nothing_behind() {
    let queue = filled(1).await;
    for _ in 0..1000 {
        assert!(poll(pin!(queue.send(7))).is_pending());
        assert!(poll(pin!(queue.join())).is_pending());
    }
    assert_eq!(bounded(queue.recv()).await.expect("not drained").done(), 0);
    for _ in 0..1000 {
        assert!(poll(pin!(queue.recv())).is_pending());
    }
    bounded(queue.send(8)).await.expect("there is room");
    assert_eq!(bounded(queue.recv()).await.expect("not drained").done(), 8);
    assert!(poll(pin!(queue.join())).is_ready());
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_never_waits_still_lets_others_run() {
    let queue = filled(10_000).await;
    let user = queue.clone();
    let worker = tokio::spawn(async move {
        while let Some(job) = user.recv().await {
            job.done();
        }
    });
    yield_now().await;
    assert!(queue.len() > 5_000, "the worker kept the thread: {queue:?}");
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
