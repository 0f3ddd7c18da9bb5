//! Dropping a future at every await finds a lost item that a test with a timeout never finds.
//!
//! asyncio: a cancelled task receives an exception at its await and can react to it. Tokio: the
//! future is dropped. The critical moment is between the wake-up and the next poll: the sender
//! has sent the item, and the receiver is dropped before it can take the item. A timeout drops a
//! future while the future waits, so it never tests this moment.
#![cfg(not(target_family = "wasm"))]

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use async_kit::{Millis, cancel_at_every_await, say, stage::Cut, virtual_time};
use tokio::{
    sync::{Notify, oneshot},
    time::{sleep, timeout},
};

use crate::harness::run_test;

/// Both queues are meant to keep an item whose receiver is cancelled. Only one of them always does
/// this.
pub(crate) async fn run() -> anyhow::Result<()> {
    let kept = run_test(|| virtual_time(kept_after_timeout::<SendToWaiter>())).await?;
    say!(
        "`push` sends to the waiter, `pop` times out:\n   the item is {}",
        outcome(kept)
    );
    say!("`push` sends to the waiter, `pop` is dropped at every await:");
    report(&run_test(kept_at_each_cut::<SendToWaiter>).await?);
    say!("`push` stores in the queue, `pop` is dropped at every await:");
    report(&run_test(kept_at_each_cut::<StoreAndNotify>).await?);
    Ok(())
}

fn report(cuts: &[(Cut, bool)]) {
    for (cut, kept) in cuts {
        say!("   the item is {} if `pop` is dropped {}", outcome(*kept), describe(*cut));
    }
}

fn outcome(kept: bool) -> &'static str {
    if kept { "kept" } else { "LOST" }
}

fn describe(cut: Cut) -> &'static str {
    match cut {
        Cut::BeforeFirstPoll => "before its first poll",
        Cut::Waiting(_) => "while it waits",
        Cut::Woken(_) => "after its wake-up and before its next poll",
    }
}

// ANCHOR: queues
trait Queue: Default + Send + Sync + 'static {
    fn push(&self, item: u8);
    fn pop(&self) -> impl Future<Output = u8> + Send;
    fn len(&self) -> usize;
}

/// Sends an item directly to a waiter.
#[derive(Default)]
struct SendToWaiter(Mutex<State>);

#[derive(Default)]
struct State {
    items: VecDeque<u8>,
    waiters: VecDeque<oneshot::Sender<u8>>,
}

impl Queue for SendToWaiter {
    fn push(&self, mut item: u8) {
        let mut state = lock(&self.0);
        while let Some(waiter) = state.waiters.pop_front() {
            match waiter.send(item) {
                Ok(()) => return,
                // This waiter was dropped while it waited, so `send` returns the item.
                Err(returned) => item = returned,
            }
        }
        state.items.push_back(item);
    }

    async fn pop(&self) -> u8 {
        let item = {
            let mut state = lock(&self.0);
            if let Some(item) = state.items.pop_front() {
                return item;
            }
            let (waiter, item) = oneshot::channel();
            state.waiters.push_back(waiter);
            item
        };
        item.await.expect("the queue keeps the sender until it sends")
    }

    fn len(&self) -> usize {
        lock(&self.0).items.len()
    }
}

/// Stores the item and wakes a waiter, which takes the item when it is polled.
#[derive(Default)]
struct StoreAndNotify {
    items: Mutex<VecDeque<u8>>,
    not_empty: Notify,
}

impl Queue for StoreAndNotify {
    fn push(&self, item: u8) {
        lock(&self.items).push_back(item);
        self.not_empty.notify_one();
    }

    async fn pop(&self) -> u8 {
        loop {
            if let Some(item) = lock(&self.items).pop_front() {
                return item;
            }
            self.not_empty.notified().await;
        }
    }

    fn len(&self) -> usize {
        lock(&self.items).len()
    }
}
// ANCHOR_END: queues

// ANCHOR: cuts
/// For each point where `pop` can be dropped: whether the queue still has the item afterwards.
fn kept_at_each_cut<Q: Queue>() -> Vec<(Cut, bool)> {
    let seen = Mutex::new(Vec::new());
    let cuts = cancel_at_every_await(
        filled_later::<Q>,
        async |queue| queue.pop().await,
        async |queue, cut| lock(&seen).push((cut, queue.len() == 1)),
    );
    let seen = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert_eq!(cuts, seen.len());
    seen
}

/// The queue is empty, so `pop` must wait. The item is pushed after 10 ms.
async fn filled_later<Q: Queue>() -> Arc<Q> {
    let queue = Arc::<Q>::default();
    let filling = Arc::clone(&queue);
    tokio::spawn(async move {
        sleep(10.ms()).await;
        filling.push(7);
    });
    queue
}
// ANCHOR_END: cuts

/// The usual test of cancellation: a timeout drops `pop` while it waits.
async fn kept_after_timeout<Q: Queue>() -> bool {
    let queue = filled_later::<Q>().await;
    let popped = timeout(5.ms(), queue.pop()).await;
    assert!(popped.is_err(), "`pop` did not time out");
    sleep(10.ms()).await;
    queue.len() == 1
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use async_kit::Transcript;

    use super::*;

    // ANCHOR: tests
    #[test]
    fn a_pop_dropped_at_any_await_leaves_the_item_in_the_queue() {
        let cuts = cancel_at_every_await(
            filled_later::<StoreAndNotify>,
            async |queue| queue.pop().await,
            async |queue, cut| {
                let next = timeout(1.secs(), queue.pop()).await;
                assert_eq!(next, Ok(7), "{cut}");
            },
        );
        // `pop` is dropped before its first poll, while it waits, and after its wake-up.
        assert_eq!(cuts, 3);
    }
    // ANCHOR_END: tests

    #[test]
    fn an_item_sent_to_a_waiter_is_lost_only_after_the_wake_up() {
        let cuts = kept_at_each_cut::<SendToWaiter>();
        let lost: Vec<_> = cuts.into_iter().filter(|(_, kept)| !kept).collect();
        assert_eq!(lost, [(Cut::Woken(1), false)]);
    }

    /// `Notify` stores only one wake-up for two items, so `pop` checks the queue before it waits.
    #[test]
    fn two_items_pushed_before_any_pop_are_both_taken() {
        virtual_time(async {
            let queue = StoreAndNotify::default();
            queue.push(1);
            queue.push(2);
            for item in [1, 2] {
                assert_eq!(timeout(1.secs(), queue.pop()).await, Ok(item));
            }
        });
    }

    #[tokio::test]
    async fn the_run_shows_one_lost_item_and_six_kept_items() {
        let seen = Transcript::of(run()).await.to_string();
        assert_eq!(seen.matches("LOST").count(), 1, "{seen}");
        assert_eq!(seen.matches("kept").count(), 6, "{seen}");
    }

    #[test]
    fn a_timeout_does_not_find_the_lost_item() {
        assert!(virtual_time(kept_after_timeout::<SendToWaiter>()));
    }

    /// Two futures wait, and the first is woken and dropped: then the second must be woken.
    #[test]
    fn the_wake_up_of_a_dropped_waiter_goes_to_the_next_one() {
        let cuts = cancel_at_every_await(
            filled_later::<StoreAndNotify>,
            async |queue| {
                // The spawned task runs only when `first` waits, so `first` is at the head of the
                // wait queue.
                let first = queue.pop();
                let second = Arc::clone(queue);
                let second = tokio::spawn(async move { second.pop().await });
                (first.await, second)
            },
            async |queue, cut| {
                assert!(cut == Cut::BeforeFirstPoll || queue.len() == 0, "{cut}");
            },
        );
        assert_eq!(cuts, 3);
    }
}
