//! `select!` drops the future of a losing branch, and with it the item that it has received.
//!
//! asyncio: a timeout around "take an order and store it" also cancels the storing. Tokio: when one
//! branch of `select!` completes, the futures of the other branches are dropped. So the future of a
//! branch should only await something cancel safe, such as `recv`, and the handler after `=>` does
//! the work. While a handler runs, no other branch is polled, so the ticks may be late.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    select,
    sync::mpsc::{self, Receiver},
    time::{Instant, interval_at, sleep},
};

/// Five orders arrive 160 ms apart and take 120 ms each to store. Every 360 ms there is a tick.
pub(crate) async fn run() -> anyhow::Result<()> {
    let every = knob("tick", 360.ms(), 10.ms()..=2.secs());
    ask("tick=560ms", "which order does the first version lose?");
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
            sleep(160.ms()).await;
            orders
                .send(n)
                .await
                .expect("the receiver waits until this sender is dropped");
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
            // A tick drops this future, and with it the order that it has received.
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
    sleep(120.ms()).step("storing").await;
    say!("stored {order}");
}
// ANCHOR_END: lost_item

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    ///        160  320 360 480  640 720  800
    /// wrong  ███  ███⊘    ███  ████⊘    ███     2 and 4 are lost
    /// right  ███  ███·    ███  ████·    ███     both ticks wait for the handler
    /// ```
    #[test]
    fn a_tick_loses_an_order_that_is_stored_in_the_future_of_a_branch() {
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.280s] wrong stored 1",
            "[  0.280s] right stored 1",
            "[  0.360s] wrong tick",
            "[  0.440s] right stored 2",
            "[  0.440s] right tick",
            "[  0.600s] wrong stored 3",
            "[  0.600s] right stored 3",
            "[  0.720s] wrong tick",
            "[  0.760s] right stored 4",
            "[  0.760s] right tick",
            "[  0.920s] wrong stored 5",
            "[  0.920s] right stored 5",
            "[  0.920s] cancelled while storing: 3 of 5 orders are stored",
            "[  0.920s] cancelled while waiting: 5 of 5 orders are stored",
        ]);
    }

    #[test]
    fn storing_in_the_handler_loses_nothing_at_any_tick_interval() {
        for every in [10, 40, 120, 260, 2000] {
            assert_eq!(virtual_time(async move { right(orders(), every.ms()).await }), 5);
        }
    }
}
