//! A task that reads a value before an await and writes it after the await loses other updates.
//!
//! This is not a data race but a logic error: it exists in both languages, even on one thread.
//! Two solutions: hold an asynchronous lock across the await; or await first, and then change the
//! value in one step (an atomic step, because there may be several threads).

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{sync::Mutex, task::JoinSet, time::sleep};

/// Each task adds one and does 1 ms of other work. Three lanes do this in different orders.
pub(crate) async fn run() -> anyhow::Result<()> {
    let tasks = knob("tasks", 100, 1..=100);
    ask("tasks=10", "which of the three lanes becomes faster?");
    let counts = [
        tokio::spawn(count(tasks, Order::AcrossTheAwait).lane("across the await")),
        tokio::spawn(count(tasks, Order::UnderALock).lane("under a lock")),
        tokio::spawn(count(tasks, Order::AfterTheAwait).lane("after the await")),
    ];
    for count in counts {
        count.await?;
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Order {
    AcrossTheAwait,
    UnderALock,
    AfterTheAwait,
}

#[derive(Default)]
struct Counter {
    // The value is atomic only because Rust does not let tasks change a shared plain integer. Each
    // operation on it is safe; the race is between two operations.
    value: AtomicUsize,
    lock: Mutex<()>,
}

async fn count(tasks: usize, order: Order) -> usize {
    let counter = Arc::new(Counter::default());
    let mut all: JoinSet<_> =
        (0..tasks).map(|_| add(order, Arc::clone(&counter))).collect();
    while all.join_next().await.is_some() {}
    let total = counter.value.load(Relaxed);
    say!("counted {total}");
    total
}

async fn add(order: Order, counter: Arc<Counter>) {
    match order {
        Order::AcrossTheAwait => counter.across_the_await().await,
        Order::UnderALock => counter.under_a_lock().await,
        Order::AfterTheAwait => counter.after_the_await().await,
    }
}

// ANCHOR: race
impl Counter {
    async fn across_the_await(&self) {
        let seen = self.value.load(Relaxed);
        other_work().await;
        self.value.store(seen + 1, Relaxed);
    }

    async fn under_a_lock(&self) {
        let _held = self.lock.lock().await;
        self.across_the_await().await;
    }

    async fn after_the_await(&self) {
        other_work().await;
        self.value.fetch_add(1, Relaxed);
    }
}
// ANCHOR_END: race

async fn other_work() {
    sleep(1.ms()).await;
}

#[cfg(test)]
mod tests {
    use async_kit::virtual_time;
    use tokio::time::Instant;

    use super::*;

    fn counted(tasks: usize, order: Order) -> (usize, u128) {
        virtual_time(async move {
            let start = Instant::now();
            (count(tasks, order).await, start.elapsed().as_millis())
        })
    }

    #[test]
    fn any_number_of_tasks_count_one_across_the_await() {
        for tasks in [1, 2, 100] {
            assert_eq!(counted(tasks, Order::AcrossTheAwait), (1, 1), "{tasks} tasks");
        }
    }

    #[test]
    fn a_lock_counts_every_task_one_after_the_other() {
        for tasks in [1, 2, 100] {
            assert_eq!(counted(tasks, Order::UnderALock), (tasks, tasks as u128));
        }
    }

    #[test]
    fn awaiting_first_counts_every_task_at_the_same_time() {
        for tasks in [1, 2, 100] {
            assert_eq!(counted(tasks, Order::AfterTheAwait), (tasks, 1));
        }
    }

    #[test]
    fn a_task_cancelled_inside_the_lock_releases_it_and_counts_nothing() {
        virtual_time(async {
            let counter = Arc::new(Counter::default());
            let task = tokio::spawn(add(Order::UnderALock, Arc::clone(&counter)));
            tokio::task::yield_now().await;
            assert!(counter.lock.try_lock().is_err(), "the task holds the lock");
            task.abort();
            assert!(task.await.is_err_and(|error| error.is_cancelled()));
            assert!(counter.lock.try_lock().is_ok(), "the lock is free");
            assert_eq!(counter.value.load(Relaxed), 0);
        });
    }
}
