//! If a task is awaited late, the await takes only the time that the task still needs.
//!
//! asyncio: a task starts when its creator next waits, and a coroutine starts at its `await`.
//! Tokio: a spawned task starts at the caller's next `.await`, or immediately if another thread is
//! free. A future starts at its own `.await`. The handle does not run the task; it only receives the
//! value.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{task::JoinError, time::sleep};

/// A download of 100 ms and 60 ms of other work: 160 ms with a future, 100 ms with a task.
pub(crate) async fn run() -> anyhow::Result<()> {
    let page = knob("page", 100.ms(), 10.ms()..=500.ms());
    let work = knob("work", 60.ms(), 10.ms()..=500.ms());
    ask("work=150ms", "how long does the eager caller wait for its task?");
    let bytes = start_when_awaited(page, work).lane("lazy caller").await;
    say!("{bytes} bytes from a future");
    let bytes = start_now(page, work).try_lane("eager caller").await?;
    say!("{bytes} bytes from a task");
    Ok(())
}

// ANCHOR: later
async fn start_when_awaited(page: Duration, work: Duration) -> usize {
    let download = download(page).lane("future");
    sleep(work).step("doing other work").await;
    download.await
}

async fn start_now(page: Duration, work: Duration) -> Result<usize, JoinError> {
    let download = tokio::spawn(download(page).lane("task"));
    sleep(work).step("doing other work").await;
    download.await
}

async fn download(page: Duration) -> usize {
    say!("starts");
    sleep(page).step("downloading").await;
    1024
}
// ANCHOR_END: later

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    ///          0     60        160
    /// future         ██████████✓
    /// caller   ██████░░░░░░░░░░✓
    /// ```
    #[test]
    fn a_future_starts_when_it_is_awaited() {
        virtual_time(async {
            let (seen, bytes) =
                Transcript::with_output(start_when_awaited(100.ms(), 60.ms())).await;
            seen.assert_lines(["[  0.060s] future starts"]);
            assert_eq!(seen.elapsed(), 160.ms(), "{seen}");
            assert_eq!(bytes, 1024);
        });
    }

    /// ```text
    ///          0     60  100
    /// task     ██████████✓
    /// caller   ██████░░░░✓
    /// ```
    #[test]
    fn a_task_starts_while_its_caller_works() {
        virtual_time(async {
            let (seen, bytes) =
                Transcript::with_output(start_now(100.ms(), 60.ms())).await;
            seen.assert_lines(["[  0.000s] task starts"]);
            assert_eq!(seen.elapsed(), 100.ms(), "{seen}");
            assert_eq!(bytes.unwrap(), 1024);
        });
    }

    #[test]
    fn awaiting_a_task_that_has_ended_takes_no_time() {
        virtual_time(async {
            let seen = Transcript::of(start_now(60.ms(), 100.ms())).await;
            assert_eq!(seen.elapsed(), 100.ms(), "{seen}");
        });
    }
}
