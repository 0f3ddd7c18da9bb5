//! Two concurrent waits take as long as the longer one, on a single thread.
//!
//! asyncio: `gather`. Tokio: `join!`, which polls both futures inside one task. It spawns no
//! task in the background: `join!` combines two futures into one.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{join, time::sleep};

/// 100 ms and 200 ms: 200 ms in all.
pub(crate) async fn run() -> anyhow::Result<()> {
    let first = knob("first", 100.ms(), 1.ms()..=1000.ms());
    let second = knob("second", 200.ms(), 1.ms()..=1000.ms());
    ask("first=300ms", "how much longer does the whole section take?");
    both(first, second).await;
    Ok(())
}

// ANCHOR: together
async fn both(first: Duration, second: Duration) {
    join!(task(first).lane("task-1"), task(second).lane("task-2"));
}

async fn task(takes: Duration) {
    say!("starts");
    sleep(takes).step("sleeping").await;
    say!("is done");
}
// ANCHOR_END: together

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    ///    0    100   200
    /// 1  ██████✓
    /// 2  ███████████✓
    /// ```
    #[test]
    fn both_waits_take_as_long_as_the_longer_one_and_not_the_sum() {
        virtual_time(async {
            Transcript::of(both(100.ms(), 200.ms())).await.assert_lines([
                "[  0.000s] task-1 starts",
                "[  0.000s] task-2 starts",
                "[  0.100s] task-1 is done",
                "[  0.200s] task-2 is done",
            ]);
            let seen = Transcript::of(both(300.ms(), 1.ms())).await;
            assert_eq!(seen.elapsed(), 300.ms(), "{seen}");
        });
    }
}
