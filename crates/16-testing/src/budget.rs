//! A task that never waits is made to, so that its neighbours get their turn.
//!
//! asyncio: a `get` from a queue that has something does not give up control, and a loop of them
//! runs to its end. Tokio: each operation on a channel, a lock, a timer or a socket costs one of a
//! budget; when it is used up, the next one returns `Pending` although it is ready. So a test may
//! assume neither that an `await` pauses, nor that it does not.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering::Relaxed},
};

use async_kit::{Lane, knob, say};
use tokio::{
    sync::mpsc,
    task::{JoinHandle, coop},
};

/// A task empties a full queue, in three ways, while a neighbour waits for its first turn.
pub(crate) async fn run() -> anyhow::Result<()> {
    let items = knob("items", 1000, 1..=10_000_u32);
    say!("as it is: the neighbour {}", turn(items, drain).await?);
    let selfish = |queue, taken| coop::unconstrained(drain(queue, taken));
    say!("without a budget: the neighbour {}", turn(items, selfish).await?);
    say!("a loop that computes: the neighbour {}", turn(items, compute).await?);
    Ok(())
}

// ANCHOR: budget
type Taken = Arc<AtomicU32>;

async fn drain(mut queue: mpsc::Receiver<u32>, taken: Taken) {
    while queue.recv().await.is_some() {
        taken.fetch_add(1, Relaxed);
    }
}

/// Takes from the queue without an `await`, so it has to offer its place by itself.
async fn compute(mut queue: mpsc::Receiver<u32>, taken: Taken) {
    while queue.try_recv().is_ok() {
        taken.fetch_add(1, Relaxed);
        coop::consume_budget().await;
    }
}
// ANCHOR_END: budget

/// When a neighbour, started right after the work, had its first turn.
async fn turn<F>(
    items: u32,
    work: impl FnOnce(mpsc::Receiver<u32>, Taken) -> F,
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
        seen if seen < items => Ok("had a turn in between"),
        _ => Ok("came last"),
    }
}

/// A queue with so many items, and no sender any more.
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
    fn a_neighbour_has_a_turn_before_a_full_queue_is_empty() {
        let turn = virtual_time(turn(MANY, drain));
        assert_eq!(turn.unwrap(), "had a turn in between");
    }

    #[test]
    fn without_a_budget_the_neighbour_comes_last() {
        let selfish = |queue, taken| coop::unconstrained(drain(queue, taken));
        assert_eq!(virtual_time(turn(MANY, selfish)).unwrap(), "came last");
    }

    #[test]
    fn a_loop_without_a_wait_can_offer_its_place() {
        let turn = virtual_time(turn(MANY, compute));
        assert_eq!(turn.unwrap(), "had a turn in between");
    }

    #[test]
    fn an_await_that_is_ready_does_not_pause() {
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
    fn the_run_compares_all_three() {
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.000s] as it is: the neighbour had a turn in between",
            "[  0.000s] without a budget: the neighbour came last",
            "[  0.000s] a loop that computes: the neighbour had a turn in between",
        ]);
    }
}
