//! A task that is awaited late is waited for only as long as it still takes.
//!
//! asyncio: `create_task` starts at the next turn of the loop, a bare coroutine at its
//! `await`. Tokio: `spawn` starts at the caller's next `.await`, on other threads at once;
//! a bare future starts at its `.await`. The handle is only the place where the value will
//! be found.

use std::time::Duration;

use async_kit::{Lane, Millis, knob, say};
use tokio::{task::JoinError, time::sleep};

/// A page of 100 ms beside 60 ms of other work: 160 ms as a future, 100 ms as a task.
pub(crate) async fn run() -> anyhow::Result<()> {
    let page = knob("page", 100.ms(), 10.ms()..=500.ms());
    let work = knob("work", 60.ms(), 10.ms()..=500.ms());
    let bytes = start_when_awaited(page, work).lane("lazy-caller").await;
    say!("{bytes} bytes from a future");
    let bytes = start_now(page, work).try_lane("eager-caller").await?;
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
    fn a_task_that_has_ended_is_not_waited_for() {
        virtual_time(async {
            let seen = Transcript::of(start_now(60.ms(), 100.ms())).await;
            assert_eq!(seen.elapsed(), 100.ms(), "{seen}");
        });
    }
}
