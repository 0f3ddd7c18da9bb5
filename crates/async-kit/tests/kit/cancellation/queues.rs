//! A cancelled sender has sent or still has its item, and a cancelled receiver takes none.

use async_kit::{Millis, PriorityQueue, WorkQueue, cancel_at_every_await};
use tokio::time::{sleep, timeout};

fn later(act: impl FnOnce() + Send + 'static) {
    tokio::spawn(async move {
        sleep(10.ms()).await;
        act();
    });
}

#[test]
fn a_cancelled_pop_leaves_the_item_to_the_next() {
    let cuts = cancel_at_every_await(
        async || {
            let queue = PriorityQueue::bounded(1);
            let giver = queue.clone();
            later(move || giver.try_push(1, "item").unwrap());
            queue
        },
        async |queue| queue.pop().await,
        async |queue, cut| {
            let item = timeout(1.secs(), queue.pop()).await;
            assert_eq!(item, Ok(Some("item")), "{cut}");
        },
    );
    assert_eq!(cuts, 3);
}

#[test]
fn a_cancelled_push_leaves_the_room_to_the_next() {
    let cuts = cancel_at_every_await(
        async || {
            let queue = PriorityQueue::bounded(1);
            queue.try_push(1, "first").unwrap();
            let taker = queue.clone();
            later(move || assert_eq!(taker.try_pop(), Some("first")));
            queue
        },
        async |queue| queue.push(2, "victim").await,
        async |queue, cut| {
            assert!(queue.is_empty(), "{cut}: a cancelled push has pushed");
            let next = timeout(1.secs(), queue.push(3, "next")).await;
            assert_eq!(next, Ok(Ok(())), "{cut}: the room was lost");
        },
    );
    assert_eq!(cuts, 3);
}

#[test]
fn a_cancelled_recv_leaves_the_job_to_the_next() {
    let cuts = cancel_at_every_await(
        async || {
            let queue = WorkQueue::bounded(1);
            let giver = queue.clone();
            tokio::spawn(async move {
                sleep(10.ms()).await;
                giver.send("item").await.unwrap();
            });
            queue
        },
        // A job that was received and dropped comes back, at most once more than here.
        async |queue| drop(queue.recv().await),
        async |queue, cut| {
            let job = timeout(1.secs(), queue.recv()).await.expect("a job").unwrap();
            assert_eq!(job.done(), "item", "{cut}");
            timeout(1.secs(), queue.join()).await.expect("nothing is unfinished");
            assert!(queue.dead_letters().is_empty(), "{cut}");
        },
    );
    assert_eq!(cuts, 3);
}

#[test]
fn a_cancelled_send_leaves_the_room_to_the_next() {
    let cuts = cancel_at_every_await(
        async || {
            let queue = WorkQueue::bounded(1);
            queue.send("first").await.unwrap();
            let taker = queue.clone();
            tokio::spawn(async move {
                sleep(10.ms()).await;
                taker.recv().await.unwrap().done();
            });
            queue
        },
        async |queue| queue.send("victim").await,
        async |queue, cut| {
            assert!(queue.is_empty(), "{cut}: a cancelled send has sent");
            let next = timeout(1.secs(), queue.send("next")).await;
            assert!(next.is_ok_and(|sent| sent.is_ok()), "{cut}: the room was lost");
        },
    );
    assert_eq!(cuts, 3);
}

#[test]
fn a_cancelled_join_can_be_called_again() {
    let cuts = cancel_at_every_await(
        async || {
            let queue = WorkQueue::bounded(1);
            queue.send("item").await.unwrap();
            let taker = queue.clone();
            tokio::spawn(async move {
                let job = taker.recv().await.unwrap();
                sleep(10.ms()).await;
                job.done();
            });
            queue
        },
        async |queue| queue.join().await,
        async |queue, cut| {
            let joined = timeout(1.secs(), queue.join()).await;
            assert!(joined.is_ok(), "{cut}: join hangs");
        },
    );
    assert_eq!(cuts, 3);
}
