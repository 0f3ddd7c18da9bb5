//! A panic ends its task and nothing else, so a program goes on without the task it relies on.
//!
//! asyncio: an exception in a task that nobody awaits. Tokio: a panic is printed where it happens,
//! and that is all; the exit code stays 0. Somebody has to hold the handle: awaiting it returns a
//! `JoinError` that says `is_panic`. A failed `send` says the same earlier, unless it is ignored.
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

/// A worker panics at the third of six orders.
pub(crate) async fn run() -> anyhow::Result<()> {
    say!("both workers panic, on purpose");
    let handled = Arc::default();
    let accepted = wrong(&handled).await;
    let handled = handled.load(SeqCst);
    say!("unheard: {accepted} of {ORDERS} orders accepted, {handled} handled");

    let handled = Arc::default();
    let error = right(&handled).await.expect_err("the worker panics");
    let handled = handled.load(SeqCst);
    say!("heard: {handled} handled, then {error}");
    Ok(())
}

// ANCHOR: unseen_panic
async fn wrong(handled: &Arc<AtomicUsize>) -> usize {
    let (orders, queue) = mpsc::channel(1);
    tokio::spawn(work(queue, Arc::clone(handled)).lane("wrong"));
    let mut accepted = 0;
    for order in 1..=ORDERS {
        sleep(20.ms()).await;
        // The error would say that nobody receives any more.
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
        // The bug: nobody thought of a third order.
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
    fn a_forgotten_handle_hides_the_panic_and_an_awaited_one_returns_it() {
        let seen = virtual_time(Transcript::of(run()));
        seen.assert_at(120.ms(), "unheard: 6 of 6 orders accepted, 2 handled");
        assert_eq!(seen.ending("wrong"), Some(Ending::Panicked), "{seen}");
        assert_eq!(seen.ending("right"), Some(Ending::Panicked), "{seen}");
        let last = seen.lines().last().expect("a report");
        assert!(last.text.starts_with("heard: 2 handled, then task"), "{seen}");
        assert!(last.text.contains("index out of bounds"), "{seen}");
    }

    #[test]
    fn who_heeds_a_failed_send_stops_at_once() {
        virtual_time(async {
            let handled = Arc::default();
            let seen =
                Transcript::of(async move { assert!(right(&handled).await.is_err()) });
            // The third order breaks the worker at 60 ms, and the fourth finds nobody.
            assert_eq!(seen.await.elapsed(), 80.ms());
        });
    }
}
