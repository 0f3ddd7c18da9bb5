//! A condition lets a task wait for a change of what a lock guards, and misses none.
//!
//! asyncio: `asyncio.Condition`. Tokio has none: with a lock and a `Notify`, the waiter must join
//! the line *before* it looks, or the change comes in between and wakes nobody. The kit's
//! `Condition` looks and joins under one lock. A store with room for a few items makes its
//! producer wait when it is full. It can also be closed, so that the consumers take everything
//! that is left and then end, instead of waiting for an item that never comes.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_kit::{Condition, Lane, Millis, knob, say};
use tokio::{sync::Notify, time::sleep};

/// First one item by plain Tokio. Then a producer brings an item every 50 ms, as long as there
/// is room, and closes the store; the consumers share the items.
pub(crate) async fn run() -> anyhow::Result<()> {
    let items = knob("items", 5, 0..=50);
    let consumers = knob("consumers", 2, 1..=10);
    let room = knob("room", 2, 1..=20);
    one_item_plainly().await?;
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
            // In line before the look: what is put right after it wakes this one as well.
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

async fn one_item_plainly() -> anyhow::Result<()> {
    let shelf = Arc::new(Shelf::default());
    let taker = Arc::clone(&shelf);
    let taker = async move { say!("takes {}", taker.take().await) };
    let taker = tokio::spawn(taker.lane("taker"));
    sleep(50.ms()).await;
    say!("a shelf is filled");
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
        say!("brings {item}, now {stored} in the store");
    }
    store.lock().await.closed = true;
    store.notify_all();
}

async fn put(store: &Condition<Store>, item: usize) -> usize {
    let full = |store: &mut Store| store.items.len() >= store.room;
    let mut open = store.lock().await.wait_while(full).await;
    open.items.push_back(item);
    // All: producers and consumers wait in one line, and `notify_one` wakes its first, who may
    // have no use for the change.
    store.notify_all();
    open.items.len()
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
    fn the_two_consumers_take_turns_until_nothing_is_left() {
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
    fn nothing_is_left_behind_and_nobody_hangs_whatever_the_numbers() {
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
    fn a_consumer_that_waits_when_the_store_is_closed_leaves() {
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
    /// brings 0   1       2       3   ░░░░4   ░░░░5      with room for one
    /// takes  0       1       2           3       4
    /// ```
    #[test]
    fn a_slow_consumer_makes_the_producer_wait_and_the_store_never_overflows() {
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

    /// Room for one. With `notify_one` the second `put` would stand behind the second consumer, who
    /// would be woken in its place.
    #[test]
    fn a_producer_and_a_consumer_that_wait_at_once_are_both_served() {
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
    fn who_is_in_line_before_the_look_is_woken_by_what_comes_right_after_it() {
        virtual_time(async {
            let changed = Notify::new();
            let in_line = changed.notified();
            changed.notify_waiters();
            in_line.await;
            let too_late = timeout(10.ms(), changed.notified()).await;
            assert!(too_late.is_err(), "who comes after the call is not woken");
        });
    }

    #[test]
    fn a_shelf_hands_over_its_item_when_it_is_filled() {
        virtual_time(async {
            let seen = Transcript::of(one_item_plainly()).await;
            seen.assert_lines([
                "[  0.050s] a shelf is filled",
                "[  0.050s] taker takes 7",
            ]);
        });
    }
}
