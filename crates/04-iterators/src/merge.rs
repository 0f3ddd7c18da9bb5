//! One loop reads two sources as their items arrive, and ends when both have ended.
//!
//! asyncio: a task for each source and one queue. Rust: `stream::select`, which polls both streams
//! and alternates between them when both are ready, so neither can starve the other.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use futures::{Stream, StreamExt, stream};
use tokio::time::sleep;

/// A fast source of letters and a slow one of numbers.
pub(crate) async fn run() -> anyhow::Result<()> {
    let fast = knob("fast", 30.ms(), 1.ms()..=69.ms());
    ask("fast=1ms", "how much earlier does the loop end?");
    merged(fast).lane("reader").await;
    Ok(())
}

// ANCHOR: merge
async fn merged(fast: Duration) {
    let letters = every(fast, ["a", "b", "c", "d"]);
    let numbers = every(70.ms(), ["1", "2"]);
    let mut both = stream::select(letters, numbers).boxed();
    while let Some(item) = both.next().await {
        say!("{item}");
    }
    say!("both have ended");
}

fn every<const N: usize>(
    pause: Duration,
    items: [&'static str; N],
) -> impl Stream<Item = &'static str> {
    stream::iter(items).then(move |item| async move {
        sleep(pause).step("in transit").lane(item).await;
        item
    })
}
// ANCHOR_END: merge

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use tokio::time::Instant;

    use super::*;

    #[test]
    fn each_item_arrives_at_its_own_time_and_the_loop_ends_after_both_sources() {
        virtual_time(async {
            Transcript::of(merged(30.ms())).await.assert_lines([
                "[  0.030s] a",
                "[  0.060s] b",
                "[  0.070s] 1",
                "[  0.090s] c",
                "[  0.120s] d",
                "[  0.140s] 2",
                "[  0.140s] both have ended",
            ]);
        });
    }

    #[test]
    fn a_list_is_yielded_in_its_order_at_its_own_pace() {
        virtual_time(async {
            let (start, list) = (Instant::now(), every(50.ms(), ["1", "2", "3"]));
            let seen: Vec<_> = list.map(|item| (item, start.elapsed())).collect().await;
            assert_eq!(seen, [("1", 50.ms()), ("2", 100.ms()), ("3", 150.ms())]);
        });
    }

    #[test]
    fn a_source_that_is_always_ready_does_not_starve_the_other() {
        virtual_time(async {
            let both = stream::select(stream::repeat('x'), stream::iter(['1', '2']));
            let first: String = both.take(4).collect().await;
            assert_eq!(first, "x1x2");
        });
    }
}
