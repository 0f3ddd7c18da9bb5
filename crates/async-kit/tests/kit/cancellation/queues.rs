//! A cancelled `send` or `push` adds no item, and a cancelled `recv` or `pop` takes none.

use async_kit::{Millis, PriorityQueue, WorkQueue, cancel_at_every_await};
use tokio::time::{sleep, timeout};

fn after_10_ms(act: impl FnOnce() + Send + 'static) {
    tokio::spawn(async move {
        sleep(10.ms()).await;
        act();
    });
}

#[test]
fn a_cancelled_pop_leaves_the_item_to_the_next_pop() {
    let cuts = cancel_at_every_await(
        async || {
            let queue = PriorityQueue::bounded(1);
            let producer = queue.clone();
            after_10_ms(move || producer.try_push(1, "item").unwrap());
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
fn a_cancelled_push_leaves_the_room_to_the_next_push() {
    let cuts = cancel_at_every_await(
        async || {
            let queue = PriorityQueue::bounded(1);
            queue.try_push(1, "first").unwrap();
            let consumer = queue.clone();
            after_10_ms(move || assert_eq!(consumer.try_pop(), Some("first")));
            queue
        },
        async |queue| queue.push(2, "cancelled").await,
        async |queue, cut| {
            assert!(queue.is_empty(), "{cut}: a cancelled push has pushed");
            let next = timeout(1.secs(), queue.push(3, "next")).await;
            assert_eq!(next, Ok(Ok(())), "{cut}: the room was lost");
        },
    );
    assert_eq!(cuts, 3);
}

#[test]
fn a_cancelled_recv_leaves_the_item_to_the_next_recv() {
    let cuts = cancel_at_every_await(
        async || {
            let queue = WorkQueue::bounded(1);
            let producer = queue.clone();
            tokio::spawn(async move {
                sleep(10.ms()).await;
                producer.send("item").await.unwrap();
            });
            queue
        },
        // A job that is received and dropped here is delivered again.
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
fn a_cancelled_send_leaves_the_room_to_the_next_send() {
    let cuts = cancel_at_every_await(
        async || {
            let queue = WorkQueue::bounded(1);
            queue.send("first").await.unwrap();
            let consumer = queue.clone();
            tokio::spawn(async move {
                sleep(10.ms()).await;
                consumer.recv().await.unwrap().done();
            });
            queue
        },
        async |queue| queue.send("cancelled").await,
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
            let consumer = queue.clone();
            tokio::spawn(async move {
                let job = consumer.recv().await.unwrap();
                sleep(10.ms()).await;
                job.done();
            });
            queue
        },
        async |queue| queue.join().await,
        async |queue, cut| {
            let joined = timeout(1.secs(), queue.join()).await;
            assert!(joined.is_ok(), "{cut}: join never returns");
        },
    );
    assert_eq!(cuts, 3);
}
