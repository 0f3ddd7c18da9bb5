//! A condition lets a consumer wait for a change of what a lock guards, and misses none.
//!
//! asyncio: `asyncio.Condition`. Tokio has none: with a `Mutex` and a `Notify`, the waiter must
//! join the line *before* it opens the lock, or the change comes in between and wakes nobody. The
//! kit's `Condition` does that. The store can also be closed, so that the consumers take
//! everything that is left and then end, instead of waiting for an item that never comes.

use std::{collections::VecDeque, sync::Arc};

use async_kit::{Condition, Lane, Millis, knob, say};
use tokio::time::sleep;

/// A producer brings an item every 50 ms and closes the store; two consumers share them.
pub(crate) async fn run() -> anyhow::Result<()> {
    let items = knob("items", 5, 0..=50);
    let consumers = knob("consumers", 2, 1..=10);
    produce_and_consume(items, consumers).await
}

// ANCHOR: condition
#[derive(Default)]
struct Store {
    items: VecDeque<usize>,
    closed: bool,
}

async fn produce(store: Arc<Condition<Store>>, items: usize) {
    for item in 0..items {
        sleep(50.ms()).step("making").await;
        say!("brings {item}");
        store.lock().await.items.push_back(item);
        store.notify_one();
    }
    store.lock().await.closed = true;
    store.notify_all();
}

async fn consume(store: Arc<Condition<Store>>) {
    while let Some(item) = take(&store).await {
        say!("takes {item}");
        sleep(70.ms()).step("using").await;
    }
    say!("finds the store closed");
}

async fn take(store: &Condition<Store>) -> Option<usize> {
    let waits = |store: &mut Store| store.items.is_empty() && !store.closed;
    store.lock().await.wait_while(waits).await.items.pop_front()
}
// ANCHOR_END: condition

async fn produce_and_consume(items: usize, consumers: usize) -> anyhow::Result<()> {
    let store = Arc::new(Condition::new(Store::default()));
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

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn the_two_consumers_take_turns_until_nothing_is_left() {
        virtual_time(async {
            let seen = Transcript::of(produce_and_consume(5, 2)).await;
            seen.assert_at(50.ms(), "consumer-0 takes 0");
            seen.assert_at(100.ms(), "consumer-1 takes 1");
            seen.assert_at(150.ms(), "consumer-0 takes 2");
            seen.assert_at(250.ms(), "consumer-0 takes 4");
            assert_eq!(seen.elapsed(), 320.ms(), "{seen}");
        });
    }

    #[test]
    fn nothing_is_left_behind_and_nobody_hangs_whatever_the_numbers() {
        for (items, consumers) in [(0, 1), (5, 1), (1, 10), (50, 3)] {
            virtual_time(async move {
                let seen = Transcript::of(produce_and_consume(items, consumers)).await;
                let text = seen.to_string();
                for item in 0..items {
                    let line = format!("takes {item}\n");
                    assert_eq!(text.matches(&line).count(), 1, "{item}: {seen}");
                }
                assert_eq!(text.matches("finds the store closed").count(), consumers);
            });
        }
    }
}
