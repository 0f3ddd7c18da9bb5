//! A program that is right under one order of its tasks is tried under many.
//!
//! Tokio's current-thread runtime polls ready tasks first come, first served, and an `await` that
//! is ready goes on without a pause. Both are habits, not promises: on several threads neither
//! holds. Here a scheduler of our own breaks both on purpose, at random but repeatably.

mod schedule;

use std::thread;

pub use schedule::{Schedule, Task};

use crate::stage::{record::Recorder, virtual_time::run_here};

/// Runs a program once for each seed, each time in another order of its tasks.
///
/// asyncio has no counterpart. `loom` explores every order of atomics and locks, and needs code
/// written against its own types; this takes programs over plain Tokio as they are, and tries as
/// many orders as you give seeds.
///
/// Each run is in virtual time. Two things are random: which of the ready tasks is polled next,
/// and whether an operation of Tokio that is ready (a free lock, a full channel) makes its task
/// yield first, as Tokio does with a task that has had its share. Only tasks spawned on the
/// [`Schedule`] take part; those of `tokio::spawn` keep Tokio's order. When the program ends,
/// tasks that are left are dropped.
///
/// # Examples
///
/// Two tasks add one each, and the lock is taken twice instead of once. Tokio's own order never
/// shows it:
///
/// ```should_panic
/// use std::sync::Arc;
/// use async_kit::explore;
/// use tokio::sync::Mutex;
///
/// async fn add_one(sum: Arc<Mutex<u32>>) {
///     let seen = *sum.lock().await;
///     *sum.lock().await = seen + 1;
/// }
///
/// explore(0..100, async |schedule| {
///     let sum = Arc::new(Mutex::new(0));
///     let tasks = [0, 1].map(|_| schedule.spawn(add_one(sum.clone())));
///     for task in tasks {
///         task.await;
///     }
///     assert_eq!(*sum.lock().await, 2);
/// });
/// ```
///
/// # Panics
///
/// With the panic of the program or of one of its tasks, after saying the seed to give to
/// [`replay`]; if a run is stuck, with the report of
/// [`virtual_time`](crate::virtual_time()); without any seed. When called inside a Tokio runtime.
#[track_caller]
pub fn explore(seeds: impl IntoIterator<Item = u64>, program: impl AsyncFn(Schedule)) {
    let runs = seeds.into_iter().map(|seed| replay(seed, &program)).count();
    assert!(runs > 0, "without a seed nothing is explored");
}

/// Runs a program in the order of one seed, the same each time.
///
/// # Examples
///
/// ```
/// use async_kit::replay;
///
/// replay(17, async |schedule| {
///     let task = schedule.spawn(async { 1 + 1 });
///     assert_eq!(task.await, 2);
/// });
/// ```
///
/// # Panics
///
/// As [`explore`].
#[track_caller]
pub fn replay(seed: u64, program: impl AsyncFn(Schedule)) {
    let _told = TellSeed(seed);
    let schedule = Schedule::new(seed);
    let run = schedule.clone().run(program(schedule));
    if let Err(failure) = run_here(&Recorder::silent(), run) {
        failure.raise();
    }
}

/// Says the seed if its run panics.
struct TellSeed(u64);

impl Drop for TellSeed {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("this was with seed {0}; to see it again: replay({0}, …)", self.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        cell::RefCell,
        collections::BTreeSet,
        panic::{AssertUnwindSafe, catch_unwind},
        sync::Arc,
    };

    use tokio::{
        sync::{Mutex, mpsc},
        task::yield_now,
        time::{Instant, sleep},
    };

    use super::*;
    use crate::{Millis, virtual_time};

    async fn add_one(sum: Arc<Mutex<u32>>) {
        let seen = *sum.lock().await;
        *sum.lock().await = seen + 1;
    }

    async fn sum_of_two(schedule: Schedule) -> u32 {
        let sum = Arc::new(Mutex::new(0));
        let tasks = [0, 1].map(|_| schedule.spawn(add_one(sum.clone())));
        for task in tasks {
            task.await;
        }
        *sum.lock().await
    }

    fn fails_with(seed: u64) -> bool {
        let run =
            || replay(seed, async |schedule| assert_eq!(sum_of_two(schedule).await, 2));
        catch_unwind(AssertUnwindSafe(run)).is_err()
    }

    #[test]
    fn a_race_that_tokios_order_never_shows_is_found() {
        let sum = virtual_time(async {
            let sum = Arc::new(Mutex::new(0));
            let tasks = [0, 1].map(|_| tokio::spawn(add_one(sum.clone())));
            for task in tasks {
                task.await.unwrap();
            }
            *sum.lock().await
        });
        assert_eq!(sum, 2);
        let failing = (0..100).filter(|seed| fails_with(*seed)).count();
        assert!((10..90).contains(&failing), "{failing} of 100 orders show the race");
    }

    #[test]
    fn a_seed_goes_the_same_way_each_time() {
        for seed in 0..20 {
            assert_eq!(fails_with(seed), fails_with(seed), "seed {seed}");
        }
    }

    async fn order_of_three(schedule: Schedule) -> Vec<u8> {
        let (tell, mut told) = mpsc::unbounded_channel();
        for name in 1..=3 {
            let tell = tell.clone();
            drop(schedule.spawn(async move { tell.send(name).unwrap() }));
        }
        drop(tell);
        let mut order = Vec::new();
        while let Some(name) = told.recv().await {
            order.push(name);
        }
        order
    }

    #[test]
    fn every_order_of_three_tasks_comes_up() {
        let orders = RefCell::new(BTreeSet::new());
        explore(0..100, async |schedule| {
            let order = order_of_three(schedule).await;
            orders.borrow_mut().insert(order);
        });
        assert_eq!(orders.borrow().len(), 6, "{orders:?}");
    }

    #[test]
    fn timers_keep_their_times_in_every_order() {
        explore(0..50, async |schedule| {
            let start = Instant::now();
            let tasks = [30, 10, 20].map(|ms: u64| {
                schedule.spawn(async move {
                    sleep(ms.ms()).await;
                    yield_now().await;
                    start.elapsed()
                })
            });
            for (task, ms) in tasks.into_iter().zip([30, 10, 20_u64]) {
                assert_eq!(task.await, ms.ms());
            }
        });
    }

    #[test]
    #[should_panic(expected = "DEADLOCK at 0.00s")]
    fn a_run_that_is_stuck_is_reported() {
        explore(0..1, async |schedule| {
            schedule.spawn(std::future::pending::<()>()).await;
        });
    }

    #[test]
    #[should_panic(expected = "a task's own words")]
    fn a_panic_of_a_task_is_a_panic_of_the_caller() {
        explore(0..1, async |schedule| {
            schedule.spawn(async { panic!("a task's own words") }).await
        });
    }

    #[test]
    #[should_panic(expected = "nothing is explored")]
    fn no_seeds_prove_nothing_and_fail() {
        explore(0..0, async |_| ());
    }
}
