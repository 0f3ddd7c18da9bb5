//! A barrier holds everybody back until the last one has come, round after round.
//!
//! asyncio: `asyncio.Barrier`, since Python 3.11. Tokio: `Barrier`, whose `wait` also says who is
//! the leader, the one that came last. A worker that is cancelled while it waits still counts as
//! come, in Tokio; in asyncio it does not.

use std::sync::Arc;

use async_kit::{Lane, Millis, knob, say};
use tokio::{sync::Barrier, time::sleep};

/// Workers of unequal speed meet after each of two rounds.
pub(crate) async fn run() -> anyhow::Result<()> {
    let workers = knob("workers", 3, 1..=8);
    rounds(workers).await
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
            say!("came last");
        }
    }
}
// ANCHOR_END: barrier

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn the_second_round_starts_for_all_when_the_slowest_is_done_with_the_first() {
        for workers in [1, 3, 8] {
            virtual_time(async move {
                let slowest = 50 * workers as u64;
                let seen = Transcript::of(rounds(workers)).await;
                let last = workers - 1;
                seen.assert_at(slowest.ms(), &format!("worker-{last} came last"));
                seen.assert_at((slowest + 50).ms(), "worker-0 is done with round 2");
                assert_eq!(seen.elapsed(), (2 * slowest).ms(), "{seen}");
            });
        }
    }
}
