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
    let download = tokio::spawn(download().lane("download"));
    let report = tokio::spawn(write_report(other).lane("report"));
    process(download.await?, report.await?);
    say!("with spawn, this takes {} ms", start.elapsed().as_millis());
    Ok(())
}

async fn awaited_later(other: Duration) {
    let start = Instant::now();
    let download = download().lane("late download");
    let report = write_report(other).lane("second report").await;
    process(download.await, report);
    say!("without spawn, this takes {} ms", start.elapsed().as_millis());
}

async fn download() -> &'static str {
    work(100.ms()).await;
    "the data"
}

async fn write_report(takes: Duration) -> &'static str {
    work(takes).await;
    "the report"
}

async fn work(takes: Duration) {
    say!("starts");
    sleep(takes).step("working").await;
    say!("is done");
}

fn process(data: &str, report: &str) {
    say!("processes {data} and {report}");
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
                seen.assert_at(0.ms(), "report starts");
                seen.assert_at(other.ms(), "report is done");
                seen.assert_at(longer.ms(), "processes the data and the report");
                assert_eq!(seen.elapsed(), longer.ms(), "{seen}");
                let seen = Transcript::of(awaited_later(other.ms())).await;
                seen.assert_at(other.ms(), "late download starts");
                let sum = (100 + other).ms();
                seen.assert_at(sum, "processes the data and the report");
                assert_eq!(seen.elapsed(), sum, "{seen}");
            }
        });
    }
}
