//! A race that Tokio's own task order hides is found by running the tasks in many random orders.
//!
//! Tokio's current-thread runtime polls ready tasks in FIFO order, and an `await` that is ready
//! continues without yielding. Neither is guaranteed, and on several threads neither is true. The
//! scheduler here changes both on purpose: at random, but in the same way for the same seed.

mod schedule;

use std::thread;

pub use self::schedule::{Schedule, Task};
use crate::stage::{record::Recorder, virtual_time::run_here};

/// Runs a program once per seed, each time with its tasks in another random order.
///
/// asyncio has no counterpart. `loom` explores every order of atomics and locks, but the code must
/// use `loom`'s own types. `explore` works with plain Tokio code, and tries one order per seed.
///
/// Each run is in virtual time. Two things are random. The first is which of the ready tasks is
/// polled next. The second is whether a Tokio operation that is ready (a free lock, a channel with
/// an item) makes its task yield first, as Tokio does with a task that has used up its budget.
/// Only tasks that are spawned on the [`Schedule`] run in random order; tasks of `tokio::spawn`
/// keep Tokio's order. When the program ends, its unfinished tasks are dropped.
///
/// The program itself must be [repeatable](crate::virtual_time()#repeatable-runs): with a `select!`
/// that is not `biased`, a seed that failed may succeed in the next run.
///
/// # Examples
///
/// Two tasks add one each. The bug is that `add_one` locks twice instead of once, and Tokio's own
/// order never shows it:
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
/// - If the program or one of its tasks panics: with that panic, after printing the seed for
///   [`replay`] to standard error.
/// - If a run deadlocks: with the report of [`virtual_time`](crate::virtual_time()).
/// - If there is no seed.
/// - When called inside a Tokio runtime.
#[track_caller]
pub fn explore(seeds: impl IntoIterator<Item = u64>, program: impl AsyncFn(Schedule)) {
    let runs = seeds.into_iter().map(|seed| replay(seed, &program)).count();
    assert!(runs > 0, "without a seed, nothing is explored");
}

/// Runs a program with its tasks in the order of one seed, which is the same each time if the program
/// is [repeatable](crate::virtual_time()#repeatable-runs).
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
    let _report = ReportSeed(seed);
    let schedule = Schedule::new(seed);
    let run = schedule.clone().run(program(schedule));
    if let Err(failure) = run_here(&Recorder::silent(), run) {
        failure.raise();
    }
}

/// Prints the seed if the run panics.
struct ReportSeed(u64);

impl Drop for ReportSeed {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!(
                "the panic above is from seed {0}; run it again with replay({0}, …)",
                self.0
            );
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
    fn a_seed_gives_the_same_order_each_time() {
        for seed in 0..20 {
            assert_eq!(fails_with(seed), fails_with(seed), "seed {seed}");
        }
    }

    async fn order_of_three(schedule: Schedule) -> Vec<u8> {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        for name in 1..=3 {
            let sender = sender.clone();
            drop(schedule.spawn(async move { sender.send(name).unwrap() }));
        }
        drop(sender);
        let mut order = Vec::new();
        while let Some(name) = receiver.recv().await {
            order.push(name);
        }
        order
    }

    #[test]
    fn a_hundred_seeds_give_every_order_of_three_tasks() {
        let orders = RefCell::new(BTreeSet::new());
        explore(0..100, async |schedule| {
            let order = order_of_three(schedule).await;
            orders.borrow_mut().insert(order);
        });
        assert_eq!(orders.borrow().len(), 6, "{orders:?}");
    }

    #[test]
    fn timers_fire_at_the_same_times_in_every_order() {
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
    fn a_deadlock_is_reported() {
        explore(0..1, async |schedule| {
            schedule.spawn(std::future::pending::<()>()).await;
        });
    }

    #[test]
    #[should_panic(expected = "a task panics")]
    fn a_panic_of_a_task_is_a_panic_of_the_caller() {
        explore(0..1, async |schedule| {
            schedule.spawn(async { panic!("a task panics") }).await
        });
    }

    #[test]
    #[should_panic(expected = "nothing is explored")]
    fn an_empty_list_of_seeds_is_refused() {
        explore(0..0, async |_| ());
    }
}
