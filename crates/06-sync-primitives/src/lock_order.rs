//! Two tasks may deadlock if they take two locks in opposite orders, but never in the same order.
//!
//! Such a program hangs without a message in asyncio, and also in Tokio with real time. In virtual
//! time the run ends with a DEADLOCK report, `lock_order.report`, which a test of this section
//! checks. It lists the waiting lanes, since when each waits, and the last line that each has said.
//! It cannot know what a lane waits for. The tasks here are two transfers between two accounts, in
//! opposite directions.

use std::{sync::Arc, time::Duration};

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    join,
    sync::{Mutex, MutexGuard},
    time::{sleep, timeout},
};

/// With opposite lock orders the two transfers deadlock; then both use the same order.
pub(crate) async fn run() -> anyhow::Result<()> {
    let patience = knob("patience", 300.ms(), 100.ms()..=2000.ms());
    ask("patience=2s", "does a longer timeout resolve the deadlock?");
    deadlock_then_success(patience).await;
    Ok(())
}

async fn deadlock_then_success(patience: Duration) {
    if timeout(patience, two_transfers(Order::OwnFirst)).await.is_err() {
        say!("deadlock: each transfer waits for the lock that the other holds");
    }
    two_transfers(Order::LowestFirst).await;
}

// ANCHOR: lock_order
#[derive(Clone, Copy)]
enum Order {
    OwnFirst,
    LowestFirst,
}

type Accounts = [Mutex<i64>; 2];

async fn two_transfers(order: Order) -> [i64; 2] {
    let accounts = Arc::new([Mutex::new(100), Mutex::new(100)]);
    let there = transfer(Arc::clone(&accounts), 0, 1, order).lane("0-to-1");
    let back = transfer(Arc::clone(&accounts), 1, 0, order).lane("1-to-0");
    join!(there, back);
    [*accounts[0].lock().await, *accounts[1].lock().await]
}

async fn transfer(accounts: Arc<Accounts>, from: usize, to: usize, order: Order) {
    let (first, second) = match order {
        Order::OwnFirst => (from, to),
        Order::LowestFirst => (from.min(to), from.max(to)),
    };
    let one = hold(&accounts, first).await;
    let other = hold(&accounts, second).await;
    let (mut payer, mut payee) = if first == from { (one, other) } else { (other, one) };
    *payer -= 10;
    *payee += 10;
    say!("has moved 10");
}

async fn hold(accounts: &Accounts, n: usize) -> MutexGuard<'_, i64> {
    let account = accounts[n].lock().await;
    say!("holds account {n}");
    sleep(50.ms()).step("holding a lock").await;
    account
}
// ANCHOR_END: lock_order

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn opposite_orders_end_in_a_deadlock_report() {
        let deadlock = catch_unwind(|| virtual_time(two_transfers(Order::OwnFirst)));
        let report = deadlock.expect_err("no transfer completes");
        let report = report.downcast::<String>().expect("a report");
        let report = without_source_lines(&report);
        assert_eq!(report, include_str!("lock_order.report"), "the report:\n{report}");
    }

    /// The report without the source line at which each lane was made.
    fn without_source_lines(report: &str) -> String {
        let lines = report.lines().map(|line| line.split("   (lane made at").next());
        lines.flatten().flat_map(|line| [line, "\n"]).collect()
    }

    #[test]
    fn no_timeout_is_long_enough_for_opposite_orders() {
        for patience in [100, 300, 2000] {
            let run = deadlock_then_success(patience.ms());
            let seen = virtual_time(Transcript::of(run));
            let line = "deadlock: each transfer waits for the lock that the other holds";
            seen.assert_at(patience.ms(), line);
            let moved = seen.lines().iter().filter(|line| line.text == "has moved 10");
            let moved: Vec<_> = moved.map(|line| line.at).collect();
            let in_order = [100, 200].map(|later| (patience + later).ms());
            assert_eq!(moved, in_order, "only in the same order: {seen}");
        }
    }

    #[test]
    fn with_the_same_order_both_transfers_complete() {
        virtual_time(async {
            let (seen, accounts) =
                Transcript::with_output(two_transfers(Order::LowestFirst)).await;
            assert_eq!(accounts, [100, 100], "10 in each direction");
            seen.assert_at(100.ms(), "0-to-1 has moved 10");
            seen.assert_at(200.ms(), "1-to-0 has moved 10");
        });
    }
}
