//! `explore` runs a program in a hundred task orders, and `replay` repeats an order by its seed.
//!
//! asyncio: tasks always run in wake order, so a program that is correct only in that order passes
//! every test. Tokio: the same on one thread, but several threads guarantee no order. `explore`
//! picks the next task at random, sometimes makes a ready `await` yield, and prints the seed of the
//! first order that fails. `replay` runs that order again, as many times as you need.
#![cfg(not(target_family = "wasm"))]

use std::{cell::Cell, sync::Arc};

use anyhow::Context;
use async_kit::{explore, replay, say, stage::schedules::Schedule, virtual_time};
use tokio::sync::Mutex;

use crate::harness::{run_failing_test, run_test};

/// Two customers want one seat. The program checks and takes it in two steps instead of one.
pub(crate) async fn run() -> anyhow::Result<()> {
    let once = run_test(|| virtual_time(sold_once_in_tokios_order(100)));
    say!("in Tokio's own order: the seat is sold once in {} of 100 runs", once.await?);

    say!("explore tries other orders, and prints the first failing seed to stderr:");
    say!("{}", run_failing_test(|| explore(0..100, sells_once)).await?);

    let seed = run_test(|| (0..100).find(|seed| sold(*seed, in_two_steps) == 2));
    let seed = seed.await?.context("explore has just found a failing seed")?;
    let again = run_test(move || [0, 1, 2].map(|_| sold(seed, in_two_steps)));
    say!("replay({seed}), three runs: the seat is sold {:?} times", again.await?);

    let once = run_test(|| (0..100).filter(|seed| sold(*seed, in_one_step) == 1).count());
    say!("in one step: the seat is sold once in {} of 100 orders", once.await?);
    Ok(())
}

async fn sells_once(tasks: Schedule) {
    let sold = sell(&tasks, in_two_steps).await;
    assert_eq!(sold, 1, "one seat was sold {sold} times");
}

// ANCHOR: orders
type Seats = Arc<Mutex<u32>>;

/// Each lock alone is correct, but `free` may be out of date at the second lock.
async fn in_two_steps(seats: Seats) -> bool {
    let free = *seats.lock().await > 0;
    if free {
        let mut seats = seats.lock().await;
        *seats = seats.saturating_sub(1);
    }
    free
}

async fn in_one_step(seats: Seats) -> bool {
    let mut seats = seats.lock().await;
    let free = *seats > 0;
    if free {
        *seats -= 1;
    }
    free
}
// ANCHOR_END: orders

// ANCHOR: explore
/// Returns how many times two customers buy the same seat.
async fn sell<F>(tasks: &Schedule, book: fn(Seats) -> F) -> usize
where
    F: Future<Output = bool> + 'static,
{
    let seats = Arc::new(Mutex::new(1));
    let customers = [0, 1].map(|_| tasks.spawn(book(Arc::clone(&seats))));
    let mut sold = 0;
    for customer in customers {
        sold += usize::from(customer.await);
    }
    sold
}

fn sold<F>(seed: u64, book: fn(Seats) -> F) -> usize
where
    F: Future<Output = bool> + 'static,
{
    let sold = Cell::new(0);
    replay(seed, async |tasks| sold.set(sell(&tasks, book).await));
    sold.get()
}
// ANCHOR_END: explore

/// Returns in how many runs the seat is sold exactly once.
async fn sold_once_in_tokios_order(runs: u32) -> u32 {
    let mut once = 0;
    for _ in 0..runs {
        once += u32::from(sold_in_tokios_order().await == 1);
    }
    once
}

async fn sold_in_tokios_order() -> usize {
    let seats = Arc::new(Mutex::new(1));
    let customers = [0, 1].map(|_| tokio::spawn(in_two_steps(Arc::clone(&seats))));
    let mut sold = 0;
    for customer in customers {
        sold += usize::from(customer.await.expect("a customer does not panic"));
    }
    sold
}

#[cfg(test)]
mod tests {
    use async_kit::Transcript;

    use super::*;

    // ANCHOR: tests
    #[test]
    fn one_seat_is_sold_once_in_every_order() {
        explore(0..100, async |tasks| {
            assert_eq!(sell(&tasks, in_one_step).await, 1);
        });
    }
    // ANCHOR_END: tests

    #[test]
    #[should_panic(expected = "one seat was sold 2 times")]
    fn checking_and_taking_in_two_steps_sells_the_seat_twice_in_some_order() {
        explore(0..100, sells_once);
    }

    #[tokio::test]
    async fn the_run_finds_a_failing_order_and_replays_it_three_times() {
        let seen = Transcript::of(run()).await.to_string();
        assert!(seen.contains("one seat was sold 2 times"), "{seen}");
        assert!(seen.contains("three runs: the seat is sold [2, 2, 2] times"), "{seen}");
        assert_eq!(seen.matches("sold once in 100 of 100").count(), 2, "{seen}");
    }

    #[test]
    fn tokios_own_order_never_sells_the_seat_twice() {
        assert_eq!(virtual_time(sold_once_in_tokios_order(100)), 100);
    }

    #[test]
    fn a_seed_gives_the_same_result_each_time() {
        let answers = || [0, 1, 2, 3, 4, 5, 6, 7].map(|seed| sold(seed, in_two_steps));
        let first = answers();
        assert!(first.contains(&1) && first.contains(&2), "all the same: {first:?}");
        assert_eq!(answers(), first);
    }
}
