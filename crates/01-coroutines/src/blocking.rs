//! A thread that sleeps does nothing else, so two blocking calls take the sum of their times.
//!
//! `std::thread::sleep` is Python's `time.sleep`. Both hold their thread, and if that thread runs
//! an event loop, everything else in the loop stands still as well.

use std::{thread, time::Duration};

use async_kit::{Millis, say};

/// 100 ms, then 200 ms: 300 ms in all.
pub(crate) async fn run() -> anyhow::Result<()> {
    one_after_the_other(100.ms(), 200.ms());
    Ok(())
}

// ANCHOR: blocking
fn one_after_the_other(first: Duration, second: Duration) {
    task(1, first);
    task(2, second);
}

fn task(n: u32, takes: Duration) {
    say!("task {n} starts");
    thread::sleep(takes);
    say!("task {n} is done");
}
// ANCHOR_END: blocking

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn the_second_call_starts_when_the_first_is_done() {
        virtual_time(async {
            let seen =
                Transcript::of(async { one_after_the_other(1.ms(), 2.ms()) }).await;
            let said: Vec<_> =
                seen.lines().iter().map(|line| line.text.as_str()).collect();
            assert_eq!(
                said,
                ["task 1 starts", "task 1 is done", "task 2 starts", "task 2 is done"]
            );
        });
    }
}
