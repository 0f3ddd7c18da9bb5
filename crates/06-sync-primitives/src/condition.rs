//! A condition lets a task wait for a change of the data behind a lock, and misses no change.
//!
//! asyncio: `asyncio.Condition`. Tokio has no such type. With a lock and a `Notify`, the waiter must
//! call `notified` *before* it checks the data; otherwise a change between the check and the wait
//! does not wake the waiter. The kit's `Condition` checks and starts to wait under one lock. Here a
//! store with room for a few items makes its producer wait when it is full. The store can also be
//! closed. Then the consumers take the remaining items and end, instead of waiting forever.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_kit::{Condition, Lane, Millis, ask, knob, say};
use tokio::{sync::Notify, time::sleep};

/// First one item with plain Tokio. Then a producer stores an item every 50 ms, as long as there
/// is room, and closes the store. The consumers share the items.
pub(crate) async fn run() -> anyhow::Result<()> {
    let items = knob("items", 5, 0..=50);
    let consumers = knob("consumers", 2, 1..=10);
    let room = knob("room", 2, 1..=20);
    ask("consumers=1", "when does consumer-0 find the store closed?");
    one_item_with_notify().await?;
    produce_and_consume(items, consumers, room).await
}

// ANCHOR: plain
#[derive(Default)]
struct Shelf {
    items: Mutex<VecDeque<usize>>,
    changed: Notify,
}

impl Shelf {
    async fn take(&self) -> usize {
        loop {
            // `notified` is called before the check, so a `put` after the check wakes this task.
            let changed = self.changed.notified();
            if let Some(item) = self.items().pop_front() {
                return item;
            }
            changed.await;
        }
    }

    fn put(&self, item: usize) {
        self.items().push_back(item);
        self.changed.notify_waiters();
    }

    fn items(&self) -> MutexGuard<'_, VecDeque<usize>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
// ANCHOR_END: plain

async fn one_item_with_notify() -> anyhow::Result<()> {
    let shelf = Arc::new(Shelf::default());
    let taker = Arc::clone(&shelf);
    let taker = async move { say!("takes {}", taker.take().await) };
    let taker = tokio::spawn(taker.lane("taker"));
    sleep(50.ms()).await;
    say!("an item is put on the shelf");
    shelf.put(7);
    Ok(taker.await?)
}

// ANCHOR: condition
struct Store {
    items: VecDeque<usize>,
    room: usize,
    closed: bool,
}

async fn produce(store: Arc<Condition<Store>>, items: usize) {
    for item in 0..items {
        sleep(50.ms()).step("making").await;
        let stored = put(&store, item).await;
        say!("stores {item}, now {stored} in the store");
    }
    store.lock().await.closed = true;
    store.notify_all();
}

async fn put(store: &Condition<Store>, item: usize) -> usize {
    let full = |store: &mut Store| store.items.len() >= store.room;
    let mut store_with_room = store.lock().await.wait_while(full).await;
    store_with_room.items.push_back(item);
    // Producers and consumers wait in one wait queue. `notify_one` would wake the head of the
    // queue, and that task may have to wait for another change.
    store.notify_all();
    store_with_room.items.len()
}

async fn take(store: &Condition<Store>) -> Option<usize> {
    let empty = |store: &mut Store| store.items.is_empty() && !store.closed;
    let item = store.lock().await.wait_while(empty).await.items.pop_front();
    store.notify_all();
    item
}

async fn consume(store: Arc<Condition<Store>>) {
    while let Some(item) = take(&store).await {
        say!("takes {item}");
        sleep(70.ms()).step("using").await;
    }
    say!("finds the store closed");
}
// ANCHOR_END: condition

async fn produce_and_consume(
    items: usize,
    consumers: usize,
    room: usize,
) -> anyhow::Result<()> {
    let store = store_with(room);
    let mut tasks =
        vec![tokio::spawn(produce(Arc::clone(&store), items).lane("producer"))];
    for n in 0..consumers {
        let consumer = consume(Arc::clone(&store)).lane(format!("consumer-{n}"));
        tasks.push(tokio::spawn(consumer));
    }
    for task in tasks {
        task.await?;
    }
    Ok(())
}

fn store_with(room: usize) -> Arc<Condition<Store>> {
    Arc::new(Condition::new(Store { items: VecDeque::new(), room, closed: false }))
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use tokio::time::timeout;

    use super::*;

    #[test]
    fn the_two_consumers_take_turns_until_the_store_is_empty() {
        virtual_time(async {
            let seen = Transcript::of(produce_and_consume(5, 2, 2)).await;
            seen.assert_at(50.ms(), "consumer-0 takes 0");
            seen.assert_at(100.ms(), "consumer-1 takes 1");
            seen.assert_at(150.ms(), "consumer-0 takes 2");
            seen.assert_at(250.ms(), "consumer-0 takes 4");
            assert_eq!(seen.elapsed(), 320.ms(), "{seen}");
        });
    }

    #[test]
    fn every_item_is_taken_once_and_no_task_hangs_for_any_numbers() {
        for (items, consumers, room) in [(0, 1, 1), (5, 1, 1), (1, 10, 5), (50, 3, 2)] {
            virtual_time(async move {
                let seen = produce_and_consume(items, consumers, room);
                let seen = Transcript::of(seen).await;
                let text = seen.to_string();
                for item in 0..items {
                    let line = format!("takes {item}\n");
                    assert_eq!(text.matches(&line).count(), 1, "{item}: {seen}");
                }
                assert_eq!(text.matches("finds the store closed").count(), consumers);
            });
        }
    }

    #[test]
    fn a_consumer_that_waits_when_the_store_is_closed_ends() {
        let seen = virtual_time(Transcript::of(async {
            let store = store_with(1);
            let waiting = tokio::spawn(consume(Arc::clone(&store)));
            sleep(1.ms()).await;
            produce(store, 0).await;
            waiting.await.unwrap();
        }));
        seen.assert_lines(["[  0.001s] finds the store closed"]);
    }

    /// ```text
    ///        50  100 120 150 190 200 250 260 310 330
    /// stores 0   1       2       3   ░░░░4   ░░░░5      with room for one
    /// takes  0       1       2           3       4
    /// ```
    #[test]
    fn a_slow_consumer_makes_the_producer_wait_at_a_full_store() {
        for room in [1, 2, 5] {
            virtual_time(async move {
                let seen = Transcript::of(produce_and_consume(20, 1, room)).await;
                let stored = |line: &str| {
                    let (_, stored) = line.split_once(", now ")?;
                    stored.split(' ').next()?.parse().ok()
                };
                let longest = seen.lines().iter().filter_map(|line| stored(&line.text));
                assert_eq!(longest.max(), Some(room), "{seen}");
                assert_eq!(seen.elapsed(), (50 + 20 * 70).ms(), "{seen}");
            });
        }
    }

    /// The store has room for one item. The second `put` waits behind the second consumer, so
    /// `notify_one` would wake that consumer and never the producer.
    #[test]
    fn a_producer_and_a_consumer_that_wait_at_the_same_time_are_both_woken() {
        virtual_time(async {
            let store = store_with(1);
            let consumer = || {
                let store = Arc::clone(&store);
                tokio::spawn(async move { take(&store).await })
            };
            let consumers = [consumer(), consumer()];
            sleep(1.ms()).await;
            assert_eq!((put(&store, 0).await, put(&store, 1).await), (1, 1));
            for (item, consumer) in consumers.into_iter().enumerate() {
                assert_eq!(consumer.await.unwrap(), Some(item));
            }
        });
    }

    #[test]
    fn notify_waiters_wakes_only_a_notified_that_was_called_before_it() {
        virtual_time(async {
            let changed = Notify::new();
            let before = changed.notified();
            changed.notify_waiters();
            before.await;
            let after = timeout(10.ms(), changed.notified()).await;
            assert!(after.is_err(), "a task that comes after the call is not woken");
        });
    }

    #[test]
    fn a_waiting_taker_gets_the_item_that_is_put_on_the_shelf() {
        virtual_time(async {
            let seen = Transcript::of(one_item_with_notify()).await;
            seen.assert_lines([
                "[  0.050s] an item is put on the shelf",
                "[  0.050s] taker takes 7",
            ]);
        });
    }
}
