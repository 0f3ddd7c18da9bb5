//! A blocking sleep stops its whole thread, so two blocking calls take the sum of their times.
//!
//! `std::thread::sleep` is Python's `time.sleep`: it blocks its thread, and so it blocks the event
//! loop that runs on this thread. Here `join!` cannot overlap the two calls, and in Python `gather`
//! could not overlap them either. The next section is the same program with a sleep that can be
//! awaited.

#![cfg(not(target_family = "wasm"))]

use std::{thread, time::Duration};

use async_kit::{Lane, Millis, say};
use tokio::join;

/// A download of 50 ms and its processing, then two calls of 100 ms and 200 ms: 350 ms in all.
pub(crate) async fn run() -> anyhow::Result<()> {
    async { download_and_process(50.ms()) }.lane("plain functions").await;
    both(100.ms(), 200.ms()).await;
    Ok(())
}

// ANCHOR: plain
fn download_and_process(takes: Duration) {
    let data = download(takes);
    process(data);
}

fn download(takes: Duration) -> &'static str {
    say!("downloading");
    thread::sleep(takes);
    "the data"
}

fn process(data: &str) {
    say!("processes {data}");
}
// ANCHOR_END: plain

// ANCHOR: blocking
async fn both(first: Duration, second: Duration) {
    join!(task(first).lane("task-1"), task(second).lane("task-2"));
}

async fn task(takes: Duration) {
    say!("starts");
    async { thread::sleep(takes) }.step("sleeping").await;
    say!("is done");
}
// ANCHOR_END: blocking

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn two_blocking_calls_take_the_sum_of_their_times() {
        let took = virtual_time(async {
            let start = Instant::now();
            both(20.ms(), 20.ms()).await;
            start.elapsed()
        });
        assert!(took >= 40.ms(), "{took:?}");
    }

    #[test]
    fn data_is_processed_when_the_blocking_download_has_returned() {
        let (seen, took) = virtual_time(Transcript::with_output(async {
            let start = Instant::now();
            download_and_process(20.ms());
            start.elapsed()
        }));
        seen.assert_lines(["[  0.000s] downloading", "[  0.000s] processes the data"]);
        assert!(took >= 20.ms(), "{took:?}");
    }

    /// A blocked thread does not advance the virtual clock, so only the order can be checked here.
    #[test]
    fn the_second_call_starts_when_the_first_is_done() {
        virtual_time(async {
            Transcript::of(both(1.ms(), 2.ms())).await.assert_lines([
                "[  0.000s] task-1 starts",
                "[  0.000s] task-1 is done",
                "[  0.000s] task-2 starts",
                "[  0.000s] task-2 is done",
            ]);
        });
    }
}
