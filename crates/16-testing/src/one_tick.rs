//! Within one tick the order of tasks is not guaranteed, so a test must not depend on it.
//!
//! asyncio: if deadlines are equal, the loop's heap may run any of them first. Tokio: spawned tasks
//! run in the order in which they were woken. `join!` polls its futures in the order in which they
//! are written, no matter which of them was woken. So a test that compares the order within a tick
//! tests the scheduler, not the program.

use async_kit::{Lane, Millis, say};
use tokio::{join, time::sleep};

/// Three cooks take 50 ms each, in one step or in two. They finish in the same tick.
pub(crate) async fn run() -> anyhow::Result<()> {
    spawned().await?;
    joined().await;
    Ok(())
}

// ANCHOR: one_tick
async fn spawned() -> anyhow::Result<()> {
    let soup = tokio::spawn(cook(20, 30).lane("spawned soup"));
    let rice = tokio::spawn(cook(50, 0).lane("spawned rice"));
    let cake = tokio::spawn(cook(10, 40).lane("spawned cake"));
    for dish in [soup, rice, cake] {
        dish.await?;
    }
    Ok(())
}

async fn joined() {
    let soup = cook(20, 30).lane("joined soup");
    let rice = cook(50, 0).lane("joined rice");
    let cake = cook(10, 40).lane("joined cake");
    join!(soup, rice, cake);
}

async fn cook(first: u64, second: u64) {
    sleep(first.ms()).step("cutting").await;
    if second > 0 {
        sleep(second.ms()).step("cooking").await;
    }
    say!("is ready");
}
// ANCHOR_END: one_tick

#[cfg(test)]
mod tests {
    use std::{
        cell::RefCell,
        collections::{BTreeMap, BTreeSet},
        rc::Rc,
        time::Duration,
    };

    use async_kit::{Transcript, explore, virtual_time};

    use super::*;

    // ANCHOR: tests
    /// The lanes that printed at each time. Within one time their order is not kept.
    fn lanes_by_time(seen: &Transcript) -> BTreeMap<Duration, BTreeSet<String>> {
        let mut lanes = BTreeMap::<_, BTreeSet<_>>::new();
        for line in seen.lines() {
            let lane = line.lane.clone().unwrap_or_default();
            lanes.entry(line.at).or_default().insert(lane);
        }
        lanes
    }

    #[test]
    fn at_50_ms_all_three_are_ready_in_any_order() {
        let seen = virtual_time(Transcript::of(spawned()));
        let all = ["spawned soup", "spawned rice", "spawned cake"].map(String::from);
        assert_eq!(lanes_by_time(&seen), [(50.ms(), all.into())].into(), "{seen}");
        let seen = virtual_time(Transcript::of(joined()));
        let all = ["joined soup", "joined rice", "joined cake"].map(String::from);
        assert_eq!(lanes_by_time(&seen), [(50.ms(), all.into())].into(), "{seen}");
    }
    // ANCHOR_END: tests

    /// This checks what the page claims about Tokio. As a test of the cooks it would be wrong.
    #[test]
    fn spawned_cooks_finish_in_wake_order_and_joined_cooks_in_list_order() {
        let lanes = |seen: Transcript| {
            let lanes = seen.lines().iter().map(|line| line.lane.clone().unwrap());
            lanes.collect::<Vec<_>>()
        };
        let spawned = virtual_time(Transcript::of(spawned()));
        assert_eq!(lanes(spawned), ["spawned rice", "spawned cake", "spawned soup"]);
        let joined = virtual_time(Transcript::of(joined()));
        assert_eq!(lanes(joined), ["joined soup", "joined rice", "joined cake"]);
    }

    #[test]
    fn other_schedules_finish_in_other_orders() {
        let orders = RefCell::new(BTreeSet::new());
        explore(0..10, async |schedule| {
            let ready = Rc::<RefCell<Vec<_>>>::default();
            let cooks = [("soup", 20, 30), ("rice", 50, 0), ("cake", 10, 40)];
            let cooks = cooks.map(|(name, first, second)| {
                let ready = Rc::clone(&ready);
                schedule.spawn(async move {
                    cook(first, second).await;
                    ready.borrow_mut().push(name);
                })
            });
            for cook in cooks {
                cook.await;
            }
            orders.borrow_mut().insert(ready.take());
        });
        assert!(orders.borrow().len() > 1, "{orders:?}");
    }
}
