//! Two locks taken in two orders end in a deadlock, and one order for all cannot.
//!
//! In asyncio such a program just stands still. So it does in Tokio with real time; in virtual
//! time the run ends with a DEADLOCK report that says who waits, since when, and what it said
//! last: `lock_order.report`, as a test of this section shows. For what it waits, the report cannot
//! know. Two transfers between two accounts, in opposite directions.

use std::{sync::Arc, time::Duration};

use async_kit::{Lane, Millis, knob, say};
use tokio::{
    join,
    sync::{Mutex, MutexGuard},
    time::{sleep, timeout},
};

/// Each transfer locks its own account first and gets stuck; then both lock in one order.
pub(crate) async fn run() -> anyhow::Result<()> {
    let patience = knob("patience", 300.ms(), 100.ms()..=2000.ms());
    stuck_then_through(patience).await;
    Ok(())
}

async fn stuck_then_through(patience: Duration) {
    if timeout(patience, both_ways(Order::OwnFirst)).await.is_err() {
        say!("each holds what the other wants, and neither will ever go on");
    }
    both_ways(Order::LowestFirst).await;
}

// ANCHOR: lock_order
#[derive(Clone, Copy)]
enum Order {
    OwnFirst,
    LowestFirst,
}

type Accounts = [Mutex<i64>; 2];

async fn both_ways(order: Order) -> [i64; 2] {
    let accounts = Arc::new([Mutex::new(100), Mutex::new(100)]);
    let there = transfer(Arc::clone(&accounts), 0, 1, order).lane("there");
    let back = transfer(Arc::clone(&accounts), 1, 0, order).lane("back");
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
    fn two_orders_end_in_a_deadlock_that_is_reported() {
        let stuck = catch_unwind(|| virtual_time(both_ways(Order::OwnFirst)));
        let report = stuck.expect_err("nobody comes through");
        let report = report.downcast::<String>().expect("a report");
        let report = without_places(&report);
        assert_eq!(report, include_str!("lock_order.report"), "it says:\n{report}");
    }

    /// The report as it is, but for the line of code that made each lane.
    fn without_places(report: &str) -> String {
        let lines = report.lines().map(|line| line.split("   (lane made at").next());
        lines.flatten().flat_map(|line| [line, "\n"]).collect()
    }

    #[test]
    fn no_patience_is_long_enough_for_two_orders() {
        for patience in [100, 300, 2000] {
            let seen = virtual_time(Transcript::of(stuck_then_through(patience.ms())));
            let stuck = "each holds what the other wants, and neither will ever go on";
            seen.assert_at(patience.ms(), stuck);
            let moved = seen.lines().iter().filter(|line| line.text == "has moved 10");
            let moved: Vec<_> = moved.map(|line| line.at).collect();
            let in_order = [100, 200].map(|later| (patience + later).ms());
            assert_eq!(moved, in_order, "only in one order: {seen}");
        }
    }

    #[test]
    fn one_order_for_all_lets_both_transfers_through() {
        virtual_time(async {
            let (seen, accounts) =
                Transcript::with_output(both_ways(Order::LowestFirst)).await;
            assert_eq!(accounts, [100, 100], "10 there and 10 back");
            seen.assert_at(100.ms(), "there has moved 10");
            seen.assert_at(200.ms(), "back has moved 10");
        });
    }
}
