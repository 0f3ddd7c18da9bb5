//! One loop reads two sources as their items arrive, and ends when both have ended.
//!
//! asyncio: a task for each source and one queue. Rust: `stream::select`, which polls both streams
//! and alternates between them when both are ready, so neither can starve the other.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use futures::{Stream, StreamExt, stream};
use tokio::time::sleep;

/// One source yields letters fast, the other yields numbers slowly.
pub(crate) async fn run() -> anyhow::Result<()> {
    let fast = knob("fast", 30.ms(), 1.ms()..=69.ms());
    ask("fast=1ms", "how much earlier has the reader read both sources?");
    print_merged(fast).lane("reader").await;
    Ok(())
}

// ANCHOR: merge
async fn print_merged(fast: Duration) {
    let letters = every(fast, ["a", "b", "c", "d"]);
    let numbers = every(70.ms(), ["1", "2"]);
    let mut both = stream::select(letters, numbers).boxed();
    while let Some(item) = both.next().await {
        say!("reads {item}");
    }
    say!("has read both sources");
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

    use super::*;

    #[test]
    fn the_loop_reads_each_item_on_arrival_and_ends_after_both_sources() {
        virtual_time(async {
            Transcript::of(print_merged(30.ms())).await.assert_lines([
                "[  0.030s] reads a",
                "[  0.060s] reads b",
                "[  0.070s] reads 1",
                "[  0.090s] reads c",
                "[  0.120s] reads d",
                "[  0.140s] reads 2",
                "[  0.140s] has read both sources",
            ]);
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
