//! A spawned task starts without being awaited, and runs concurrently with the task that spawned it.
//!
//! asyncio: `create_task` starts it, `await task` returns its result. Tokio: `spawn`, and awaiting
//! the `JoinHandle`. If a future is only stored in a variable, it makes no progress until it is
//! awaited.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::time::{Instant, sleep};

/// A download of 100 ms and 50 ms of other work: first with `spawn`, then without it.
pub(crate) async fn run() -> anyhow::Result<()> {
    let other = knob("other", 50.ms(), 1.ms()..=1000.ms());
    ask("other=300ms", "how much time does spawn save now?");
    spawned(other).await?;
    awaited_later(other).await;
    Ok(())
}

// ANCHOR: start_now
async fn spawned(other: Duration) -> anyhow::Result<()> {
    let start = Instant::now();
    let download = tokio::spawn(work(100.ms()).lane("download"));
    let other = tokio::spawn(work(other).lane("other work"));
    download.await?;
    other.await?;
    say!("with spawn, both are done after {} ms", start.elapsed().as_millis());
    Ok(())
}

async fn awaited_later(other: Duration) {
    let start = Instant::now();
    let download = work(100.ms()).lane("late download");
    work(other).lane("other work again").await;
    download.await;
    say!("without spawn, both are done after {} ms", start.elapsed().as_millis());
}

async fn work(takes: Duration) {
    say!("starts");
    sleep(takes).step("working").await;
    say!("is done");
}
// ANCHOR_END: start_now

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn spawned_work_takes_the_longer_time_and_awaited_work_the_sum() {
        virtual_time(async {
            for (other, longer) in [(1, 100), (50, 100), (100, 100), (1000, 1000)] {
                let seen = Transcript::of(spawned(other.ms())).await;
                seen.assert_at(0.ms(), "download starts");
                seen.assert_at(0.ms(), "other work starts");
                seen.assert_at(other.ms(), "other work is done");
                assert_eq!(seen.elapsed(), longer.ms(), "{seen}");
                let seen = Transcript::of(awaited_later(other.ms())).await;
                seen.assert_at(other.ms(), "late download starts");
                assert_eq!(seen.elapsed(), (100 + other).ms(), "{seen}");
            }
        });
    }
}
