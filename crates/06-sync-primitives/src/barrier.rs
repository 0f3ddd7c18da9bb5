//! A barrier makes every worker wait until the last one has arrived, in each round.
//!
//! asyncio: `asyncio.Barrier`, since Python 3.11, whose `wait` returns a number to each task. Tokio:
//! `Barrier`, whose `wait` makes one of the tasks the leader, in no fixed order. If a worker is
//! cancelled while it waits, Tokio still counts it as arrived, and asyncio does not.

use std::sync::Arc;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    sync::Barrier,
    time::{sleep, timeout},
};

/// Workers of different speeds meet after each of two rounds. Then a worker is cancelled while it
/// waits at a barrier.
pub(crate) async fn run() -> anyhow::Result<()> {
    let workers = knob("workers", 3, 1..=8);
    ask("workers=6", "when does worker-0 start its second round?");
    rounds(workers).await?;
    after_a_cancelled_wait().await
}

// ANCHOR: barrier
async fn rounds(workers: usize) -> anyhow::Result<()> {
    let barrier = Arc::new(Barrier::new(workers));
    let start =
        |n| tokio::spawn(work(n, Arc::clone(&barrier)).lane(format!("worker-{n}")));
    for worker in (0..workers).map(start).collect::<Vec<_>>() {
        worker.await?;
    }
    Ok(())
}

async fn work(n: usize, barrier: Arc<Barrier>) {
    for round in 1..=2 {
        sleep((50 * (n as u64 + 1)).ms()).step("working").await;
        say!("is done with round {round}");
        if barrier.wait().await.is_leader() {
            say!("leads");
        }
    }
}
// ANCHOR_END: barrier

// ANCHOR: cancelled
async fn after_a_cancelled_wait() -> anyhow::Result<()> {
    let barrier = Arc::new(Barrier::new(2));
    let cancelled = tokio::spawn(meet(Arc::clone(&barrier)).lane("cancelled worker"));
    sleep(50.ms()).await;
    cancelled.abort();
    // Wait until the task has ended. With several threads, the two workers could otherwise meet.
    let _ = cancelled.await;
    Ok(tokio::spawn(meet(barrier).lane("second worker")).await?)
}

async fn meet(barrier: Arc<Barrier>) {
    match timeout(100.ms(), barrier.wait()).await {
        Ok(_) => say!("proceeds"),
        Err(_) => say!("times out"),
    }
}
// ANCHOR_END: cancelled

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn the_second_round_starts_when_the_slowest_worker_ends_the_first() {
        for workers in [1, 3, 8] {
            virtual_time(async move {
                let slowest = 50 * workers as u64;
                let seen = Transcript::of(rounds(workers)).await;
                let last = format!("worker-{} is done with round 1", workers - 1);
                seen.assert_at(slowest.ms(), &last);
                seen.assert_at((slowest + 50).ms(), "worker-0 is done with round 2");
                assert_eq!(seen.elapsed(), (2 * slowest).ms(), "{seen}");
            });
        }
    }

    #[test]
    fn each_round_has_one_leader() {
        virtual_time(async {
            let seen = Transcript::of(rounds(3)).await;
            let leads = seen.lines().iter().filter(|line| line.text == "leads");
            let leads: Vec<_> = leads.map(|line| line.at).collect();
            assert_eq!(leads, [150.ms(), 300.ms()], "{seen}");
        });
    }

    #[test]
    fn a_worker_cancelled_while_it_waits_still_counts_as_arrived() {
        virtual_time(async {
            let seen = Transcript::of(after_a_cancelled_wait()).await;
            seen.assert_lines(["[  0.050s] second worker proceeds"]);
        });
    }
}
