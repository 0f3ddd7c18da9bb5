//! A panic ends only its own task, so the program continues without a task that it needs.
//!
//! asyncio: the same for an exception in a task that is not awaited. Tokio: a panic prints its message
//! and ends its task, but the exit code stays 0. Keep the handle and await it: it returns a
//! `JoinError` whose `is_panic` is true. A failed `send` shows the problem earlier, unless the program
//! ignores the error.
#![cfg(not(target_family = "wasm"))]

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use async_kit::{Lane, Millis, say};
use tokio::{
    sync::mpsc::{self, Receiver},
    time::sleep,
};

const ORDERS: usize = 6;

/// Each of two workers panics at the third of six orders.
pub(crate) async fn run() -> anyhow::Result<()> {
    say!("both workers panic, on purpose");
    let handled = Arc::default();
    let accepted = wrong(&handled).await;
    let handled = handled.load(SeqCst);
    say!("handle dropped: {accepted} of {ORDERS} orders accepted, {handled} handled");

    let handled = Arc::default();
    let error = right(&handled).await.expect_err("the worker panics");
    let handled = handled.load(SeqCst);
    say!("handle awaited: {handled} handled, then {error}");
    Ok(())
}

// ANCHOR: unseen_panic
async fn wrong(handled: &Arc<AtomicUsize>) -> usize {
    let (orders, queue) = mpsc::channel(1);
    tokio::spawn(work(queue, Arc::clone(handled)).lane("wrong"));
    let mut accepted = 0;
    for order in 1..=ORDERS {
        sleep(20.ms()).await;
        // The mistake: this ignores the error of `send` after the receiver is dropped.
        let _ = orders.send(order).await;
        accepted += 1;
    }
    accepted
}

async fn right(handled: &Arc<AtomicUsize>) -> anyhow::Result<()> {
    let (orders, queue) = mpsc::channel(1);
    let worker = tokio::spawn(work(queue, Arc::clone(handled)).lane("right"));
    for order in 1..=ORDERS {
        sleep(20.ms()).await;
        if orders.send(order).await.is_err() {
            break;
        }
    }
    drop(orders);
    Ok(worker.await?)
}
// ANCHOR_END: unseen_panic

async fn work(mut queue: Receiver<usize>, handled: Arc<AtomicUsize>) {
    while let Some(order) = queue.recv().await {
        // The bug: there is no clerk for the third order.
        let clerk = ["Ann", "Bob"][order - 1];
        sleep(10.ms()).step("handling").await;
        say!("{clerk} has handled order {order}");
        handled.fetch_add(1, SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, stage::record::Ending, virtual_time};

    use super::*;

    #[test]
    fn a_dropped_handle_hides_the_panic_and_an_awaited_one_returns_it() {
        let seen = virtual_time(Transcript::of(run()));
        seen.assert_at(120.ms(), "handle dropped: 6 of 6 orders accepted, 2 handled");
        assert_eq!(seen.ending("wrong"), Some(Ending::Panicked), "{seen}");
        assert_eq!(seen.ending("right"), Some(Ending::Panicked), "{seen}");
        let last = seen.lines().last().expect("a report");
        assert!(last.text.starts_with("handle awaited: 2 handled, then task"), "{seen}");
        assert!(last.text.contains("index out of bounds"), "{seen}");
    }

    #[test]
    fn checking_the_result_of_send_stops_after_the_panic() {
        virtual_time(async {
            let handled = Arc::default();
            let seen =
                Transcript::of(async move { assert!(right(&handled).await.is_err()) });
            // The worker panics at the third order, at 60 ms, and the next `send` fails.
            assert_eq!(seen.await.elapsed(), 80.ms());
        });
    }
}
