//! Cut at each point where it can be cut, a wait shows what a test with a time-out never meets.
//!
//! asyncio: a cancelled task receives an exception at its await, and has its say. Tokio: the future
//! is gone. The dangerous moment lasts for no time at all: it was woken, so that the other
//! side believes it served, and is dropped before it can take what it was given. A time-out drops
//! a future that waits, and so never comes there.
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

use crate::verdict::run_test;

/// Two queues give the item to somebody else if the waiter gives up. One of them tries to.
pub(crate) async fn run() -> anyhow::Result<()> {
    let kept = run_test(|| virtual_time(cut_by_a_time_out::<HandedOver>())).await?;
    say!("handed over, and cut by a time-out:\n   {} when its time was out", fate(kept));
    say!("handed over, and cut everywhere:");
    tell(&run_test(cuts::<HandedOver>).await?);
    say!("put down, and cut everywhere:");
    tell(&run_test(cuts::<LeftThere>).await?);
    Ok(())
}

fn tell(cuts: &[(Cut, bool)]) {
    for (cut, kept) in cuts {
        say!("   {} when dropped {}", fate(*kept), moment(*cut));
    }
}

fn fate(kept: bool) -> &'static str {
    if kept { "kept" } else { "LOST" }
}

fn moment(cut: Cut) -> &'static str {
    match cut {
        Cut::BeforeFirstPoll => "before its first poll",
        Cut::Waiting(_) => "while it waited",
        Cut::Woken(_) => "after it was woken, and before it was polled",
    }
}

// ANCHOR: queues
trait Queue: Default + Send + Sync + 'static {
    fn push(&self, item: u8);
    fn pop(&self) -> impl Future<Output = u8> + Send;
    fn len(&self) -> usize;
}

/// Gives an item straight to whoever waits.
#[derive(Default)]
struct HandedOver(Mutex<Counter>);

#[derive(Default)]
struct Counter {
    items: VecDeque<u8>,
    waiters: VecDeque<oneshot::Sender<u8>>,
}

impl Queue for HandedOver {
    fn push(&self, mut item: u8) {
        let mut counter = lock(&self.0);
        while let Some(waiter) = counter.waiters.pop_front() {
            match waiter.send(item) {
                Ok(()) => return,
                // It gave up while it waited, and somebody thought of that.
                Err(refused) => item = refused,
            }
        }
        counter.items.push_back(item);
    }

    async fn pop(&self) -> u8 {
        let item = {
            let mut counter = lock(&self.0);
            if let Some(item) = counter.items.pop_front() {
                return item;
            }
            let (hand, item) = oneshot::channel();
            counter.waiters.push_back(hand);
            item
        };
        item.await.expect("the queue keeps the hand until it gives")
    }

    fn len(&self) -> usize {
        lock(&self.0).items.len()
    }
}

/// Puts the item down and wakes somebody, who takes it when they are there.
#[derive(Default)]
struct LeftThere {
    items: Mutex<VecDeque<u8>>,
    filled: Notify,
}

impl Queue for LeftThere {
    fn push(&self, item: u8) {
        lock(&self.items).push_back(item);
        self.filled.notify_one();
    }

    async fn pop(&self) -> u8 {
        loop {
            if let Some(item) = lock(&self.items).pop_front() {
                return item;
            }
            self.filled.notified().await;
        }
    }

    fn len(&self) -> usize {
        lock(&self.items).len()
    }
}
// ANCHOR_END: queues

// ANCHOR: cuts
/// For each point where a `pop` can be dropped: whether the item was there afterwards.
fn cuts<Q: Queue>() -> Vec<(Cut, bool)> {
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

/// The queue is empty, so that the victim must wait; the item comes after 10 ms.
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

/// What most tests of cancellation do.
async fn cut_by_a_time_out<Q: Queue>() -> bool {
    let queue = filled_later::<Q>().await;
    let given_up = timeout(5.ms(), queue.pop()).await;
    assert!(given_up.is_err(), "it was to give up");
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
    fn a_pop_that_is_dropped_anywhere_leaves_the_item() {
        let cuts = cancel_at_every_await(
            filled_later::<LeftThere>,
            async |queue| queue.pop().await,
            async |queue, cut| {
                let next = timeout(1.secs(), queue.pop()).await;
                assert_eq!(next, Ok(7), "{cut}");
            },
        );
        // Before the first poll, while it waits, and after it was woken.
        assert_eq!(cuts, 3);
    }
    // ANCHOR_END: tests

    #[test]
    fn a_hand_over_loses_its_item_only_after_the_wake_up() {
        let lost: Vec<_> =
            cuts::<HandedOver>().into_iter().filter(|(_, kept)| !kept).collect();
        assert_eq!(lost, [(Cut::Woken(1), false)]);
    }

    /// `Notify` keeps one wake-up, and not two: so a `pop` looks before it waits.
    #[test]
    fn two_items_that_nobody_waited_for_are_both_taken() {
        virtual_time(async {
            let queue = LeftThere::default();
            queue.push(1);
            queue.push(2);
            for item in [1, 2] {
                assert_eq!(timeout(1.secs(), queue.pop()).await, Ok(item));
            }
        });
    }

    #[tokio::test]
    async fn the_run_shows_one_lost_item_and_six_kept() {
        let seen = Transcript::of(run()).await.to_string();
        assert_eq!(seen.matches("LOST").count(), 1, "{seen}");
        assert_eq!(seen.matches("kept").count(), 6, "{seen}");
    }

    #[test]
    fn a_time_out_does_not_find_it() {
        assert!(virtual_time(cut_by_a_time_out::<HandedOver>()));
    }

    /// Two wait, and the one that is woken is dropped: the wake-up must go to the other.
    #[test]
    fn the_wake_up_of_one_who_leaves_goes_to_the_next() {
        let cuts = cancel_at_every_await(
            filled_later::<LeftThere>,
            async |queue| {
                // A spawned task runs when the victim first waits, so the victim is first in line.
                let victim = queue.pop();
                let other = Arc::clone(queue);
                let other = tokio::spawn(async move { other.pop().await });
                (victim.await, other)
            },
            async |queue, cut| {
                assert!(cut == Cut::BeforeFirstPoll || queue.len() == 0, "{cut}");
            },
        );
        assert_eq!(cuts, 3);
    }
}
