//! Work in the branch of a `select!` is dropped with what it has taken; work in its arm is not.
//!
//! asyncio: a limit around "take one and store it" cancels the storing too. Tokio: each turn of
//! `select!` drops the branches that did not win. So a branch only waits for what is cancel safe
//! (`recv` is), and the arm does the work, during which no other branch is looked at. The ticks
//! pay for that: they may come late.

use std::time::Duration;

use async_kit::{Lane, Millis, knob, say};
use tokio::{
    select,
    sync::mpsc::{self, Receiver},
    time::{Instant, interval_at, sleep},
};

/// Six orders, 40 ms apart, take 25 ms each to store; every 90 ms there is a tick.
pub(crate) async fn run() -> anyhow::Result<()> {
    let every = knob("tick", 90.ms(), 10.ms()..=1.secs());
    let wrong = tokio::spawn(wrong(orders(), every).lane("wrong"));
    let right = tokio::spawn(right(orders(), every).lane("right"));
    let stored = wrong.await?;
    say!("stored in the branch: {stored} of 6 orders");
    let stored = right.await?;
    say!("stored in the arm: {stored} of 6 orders");
    Ok(())
}

fn orders() -> Receiver<u32> {
    let (orders, received) = mpsc::channel(6);
    tokio::spawn(async move {
        for n in 1..=6 {
            sleep(40.ms()).await;
            orders.send(n).await.expect("the receiver stays until we leave");
        }
    });
    received
}

// ANCHOR: lost_item
async fn wrong(mut orders: Receiver<u32>, every: Duration) -> usize {
    let mut ticks = interval_at(Instant::now() + every, every);
    let mut stored = 0;
    loop {
        select! {
            biased;
            // A tick drops this future, and the order that it has taken.
            order = take_and_store(&mut orders) => match order {
                Some(()) => stored += 1,
                None => return stored,
            },
            _ = ticks.tick() => say!("tick"),
        }
    }
}

async fn take_and_store(orders: &mut Receiver<u32>) -> Option<()> {
    let order = orders.recv().await?;
    store(order).await;
    Some(())
}

async fn right(mut orders: Receiver<u32>, every: Duration) -> usize {
    let mut ticks = interval_at(Instant::now() + every, every);
    let mut stored = 0;
    loop {
        select! {
            biased;
            order = orders.recv() => match order {
                Some(order) => {
                    store(order).await;
                    stored += 1;
                }
                None => return stored,
            },
            _ = ticks.tick() => say!("tick"),
        }
    }
}

async fn store(order: u32) {
    sleep(25.ms()).step("storing").await;
    say!("stored {order}");
}
// ANCHOR_END: lost_item

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    ///        40   80  90   120  160  180  200  240
    /// wrong  ███  ██⊘      ███  ███⊘      ███  ███     2 and 4 are lost
    /// right  ███  ███      ███  ███       ███  ███     both ticks wait for the arm
    /// ```
    #[test]
    fn a_tick_while_storing_loses_the_order_only_if_the_branch_stores_it() {
        let seen = virtual_time(Transcript::of(run()));
        for (order, at) in [(1, 65), (2, 105), (3, 145), (4, 185), (5, 225), (6, 265)] {
            seen.assert_at(at.ms(), &format!("right stored {order}"));
        }
        seen.assert_at(90.ms(), "wrong tick");
        seen.assert_at(105.ms(), "right tick");
        assert!(!seen.to_string().contains("wrong stored 2"), "{seen}");
        seen.assert_at(265.ms(), "stored in the branch: 4 of 6 orders");
        seen.assert_at(265.ms(), "stored in the arm: 6 of 6 orders");
    }

    #[test]
    fn the_arm_loses_nothing_whatever_the_ticks() {
        for every in [10, 30, 70, 1000] {
            assert_eq!(virtual_time(async move { right(orders(), every.ms()).await }), 6);
        }
    }
}
