//! A cancelled wait loses no notification and keeps no lock.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use async_kit::{Condition, Event, Millis, cancel_at_every_await};
use tokio::time::{sleep, timeout};

#[test]
fn a_cancelled_wait_for_an_event_does_not_affect_other_waiters() {
    let cuts = cancel_at_every_await(
        async || {
            let event = Arc::new(Event::new());
            let passed = Arc::new(AtomicUsize::new(0));
            let (second, count) = (Arc::clone(&event), Arc::clone(&passed));
            tokio::spawn(async move {
                // After this sleep it waits behind the call that is cancelled.
                sleep(1.ms()).await;
                second.wait().await;
                count.fetch_add(1, SeqCst);
            });
            let setter = Arc::clone(&event);
            tokio::spawn(async move {
                sleep(10.ms()).await;
                setter.set();
            });
            (event, passed)
        },
        async |(event, _)| event.wait().await,
        async |(event, passed), cut| {
            assert_eq!(passed.load(SeqCst), 1, "{cut}: the second waiter hangs");
            assert!(timeout(1.ms(), event.wait()).await.is_ok(), "{cut}");
        },
    );
    assert_eq!(cuts, 3);
}

struct Store {
    items: Arc<Condition<usize>>,
    served: Arc<AtomicUsize>,
}

/// A second waiter waits behind the call that is cancelled. There is one item and one `notify_one`.
async fn one_item_for_two() -> Store {
    let items = Arc::new(Condition::new(0));
    let served = Arc::new(AtomicUsize::new(0));
    let (second, count) = (Arc::clone(&items), Arc::clone(&served));
    tokio::spawn(async move {
        sleep(1.ms()).await;
        *second.lock().await.wait_while(|items| *items == 0).await -= 1;
        count.fetch_add(1, SeqCst);
    });
    let producer = Arc::clone(&items);
    tokio::spawn(async move {
        sleep(10.ms()).await;
        let mut items = producer.lock().await;
        *items += 1;
        producer.notify_one();
        // The woken waiter has to wait a second time, for the lock.
        sleep(10.ms()).await;
    });
    Store { items, served }
}

#[test]
fn a_cancelled_wait_while_wakes_the_next_waiter() {
    let cuts = cancel_at_every_await(
        one_item_for_two,
        async |store| {
            *store.items.lock().await.wait_while(|items| *items == 0).await -= 1;
        },
        async |store, cut| {
            assert_eq!(store.served.load(SeqCst), 1, "{cut}: the second waiter hangs");
            let left = timeout(1.secs(), store.items.lock()).await;
            assert_eq!(*left.expect("the lock is free"), 0, "{cut}");
        },
    );
    assert_eq!(cuts, 5);
}

#[test]
fn a_cancelled_lock_passes_the_lock_on() {
    let cuts = cancel_at_every_await(
        async || {
            let condition = Arc::new(Condition::new(()));
            let held = Arc::clone(&condition);
            tokio::spawn(async move {
                let _held = held.lock().await;
                sleep(10.ms()).await;
            });
            // During this sleep the other task takes the lock.
            sleep(1.ms()).await;
            condition
        },
        async |condition| drop(condition.lock().await),
        async |condition, cut| {
            assert!(timeout(1.secs(), condition.lock()).await.is_ok(), "{cut}");
        },
    );
    assert_eq!(cuts, 3);
}
