//! Tokio makes a task that is always ready yield, so that other tasks can run.
//!
//! asyncio: `get` on a queue that is not empty does not yield, so a loop of such calls runs to its
//! end. Tokio: each operation on a channel, a lock, a timer or a socket uses one unit of a budget.
//! When the budget is used up, the next operation returns `Pending` although it is ready. So a test
//! must not assume that an `await` yields, and it must not assume the opposite.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering::Relaxed},
};

use async_kit::{Lane, ask, knob, say};
use tokio::{
    sync::mpsc,
    task::{JoinHandle, coop},
};

/// Three loops empty a full queue, while a neighbour task waits for its first poll.
pub(crate) async fn run() -> anyhow::Result<()> {
    let items = knob("items", 1000, 1..=10_000_u32);
    ask("items=100", "does the neighbour still run before a queue is empty?");
    say!("with a budget: the neighbour {}", neighbour_of(drain, items).await?);
    let unlimited = |queue, taken| coop::unconstrained(drain(queue, taken));
    say!("without a budget: the neighbour {}", neighbour_of(unlimited, items).await?);
    say!("with explicit yields: the neighbour {}", neighbour_of(compute, items).await?);
    Ok(())
}

// ANCHOR: budget
type Taken = Arc<AtomicU32>;

async fn drain(mut queue: mpsc::Receiver<u32>, taken: Taken) {
    while queue.recv().await.is_some() {
        taken.fetch_add(1, Relaxed);
    }
}

/// Takes from the queue without an `await`, so it must use up its budget explicitly to yield.
async fn compute(mut queue: mpsc::Receiver<u32>, taken: Taken) {
    while queue.try_recv().is_ok() {
        taken.fetch_add(1, Relaxed);
        coop::consume_budget().await;
    }
}
// ANCHOR_END: budget

/// Returns when the neighbour ran, a task that was spawned directly after `work`.
async fn neighbour_of<F>(
    work: impl FnOnce(mpsc::Receiver<u32>, Taken) -> F,
    items: u32,
) -> anyhow::Result<&'static str>
where
    F: Future<Output = ()> + Send + 'static,
{
    let taken = Taken::default();
    let work = tokio::spawn(work(full(items), Arc::clone(&taken)).lane("work"));
    let neighbour: JoinHandle<u32> =
        tokio::spawn(async move { taken.load(Relaxed) }.lane("neighbour"));
    work.await?;
    match neighbour.await? {
        seen if seen < items => Ok("ran before the queue was empty"),
        _ => Ok("ran after the queue was empty"),
    }
}

/// A queue with this number of items, whose sender is dropped.
fn full(items: u32) -> mpsc::Receiver<u32> {
    let (sender, queue) = mpsc::channel(items as usize);
    for item in 0..items {
        sender.try_send(item).expect("room for every item");
    }
    queue
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    const MANY: u32 = 10_000;

    #[test]
    fn a_neighbour_runs_before_a_full_queue_is_empty() {
        let neighbour = virtual_time(neighbour_of(drain, MANY));
        assert_eq!(neighbour.unwrap(), "ran before the queue was empty");
    }

    #[test]
    fn without_a_budget_the_neighbour_runs_after_the_queue_is_empty() {
        let unlimited = |queue, taken| coop::unconstrained(drain(queue, taken));
        assert_eq!(
            virtual_time(neighbour_of(unlimited, MANY)).unwrap(),
            "ran after the queue was empty"
        );
    }

    #[test]
    fn a_loop_that_never_waits_can_yield_explicitly() {
        let neighbour = virtual_time(neighbour_of(compute, MANY));
        assert_eq!(neighbour.unwrap(), "ran before the queue was empty");
    }

    #[test]
    fn an_await_that_is_ready_does_not_yield() {
        let order = virtual_time(async {
            let mut queue = full(2);
            let taken = Taken::default();
            let neighbour = Arc::clone(&taken);
            let neighbour = tokio::spawn(async move { neighbour.store(9, Relaxed) });
            queue.recv().await;
            queue.recv().await;
            let seen = taken.load(Relaxed);
            neighbour.await.unwrap();
            (seen, taken.load(Relaxed))
        });
        assert_eq!(order, (0, 9));
    }

    #[test]
    fn the_run_compares_three_loops() {
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.000s] with a budget: the neighbour ran before the queue was empty",
            "[  0.000s] without a budget: the neighbour ran after the queue was empty",
            "[  0.000s] with explicit yields: the neighbour ran before the queue was empty",
        ]);
    }
}
