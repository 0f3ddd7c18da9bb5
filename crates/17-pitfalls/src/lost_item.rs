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

/// Five orders, 40 ms apart, take 30 ms each to store; every 90 ms there is a tick.
pub(crate) async fn run() -> anyhow::Result<()> {
    let every = knob("tick", 90.ms(), 10.ms()..=1.secs());
    let wrong = tokio::spawn(wrong(orders(), every).lane("wrong"));
    let right = tokio::spawn(right(orders(), every).lane("right"));
    let stored = wrong.await?;
    say!("cancelled while storing: {stored} of 5 orders are stored");
    let stored = right.await?;
    say!("cancelled while waiting: {stored} of 5 orders are stored");
    Ok(())
}

fn orders() -> Receiver<u32> {
    let (orders, received) = mpsc::channel(5);
    tokio::spawn(async move {
        for n in 1..=5 {
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
    sleep(30.ms()).step("storing").await;
    say!("stored {order}");
}
// ANCHOR_END: lost_item

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    ///        40   80 90   120  160 180  200
    /// wrong  ███  ███⊘    ███  ████⊘    ███     2 and 4 are lost
    /// right  ███  ███·    ███  ████·    ███     both ticks wait for the arm
    /// ```
    #[test]
    fn a_tick_while_storing_loses_the_order_only_if_the_branch_stores_it() {
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.070s] wrong stored 1",
            "[  0.070s] right stored 1",
            "[  0.090s] wrong tick",
            "[  0.110s] right stored 2",
            "[  0.110s] right tick",
            "[  0.150s] wrong stored 3",
            "[  0.150s] right stored 3",
            "[  0.180s] wrong tick",
            "[  0.190s] right stored 4",
            "[  0.190s] right tick",
            "[  0.230s] wrong stored 5",
            "[  0.230s] right stored 5",
            "[  0.230s] cancelled while storing: 3 of 5 orders are stored",
            "[  0.230s] cancelled while waiting: 5 of 5 orders are stored",
        ]);
    }

    #[test]
    fn the_arm_loses_nothing_whatever_the_ticks() {
        for every in [10, 30, 65, 1000] {
            assert_eq!(virtual_time(async move { right(orders(), every.ms()).await }), 5);
        }
    }
}
