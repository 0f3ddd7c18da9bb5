//! A chain of adapters is pulled from its end: one item passes all stages before the next starts.
//!
//! asyncio: `async for` in a generator over another generator. Rust: adapters such as `then` and
//! `filter`. A chain adds no concurrency: three stages of 20 ms take 60 ms for each item.

use async_kit::{Lane, Millis, ask, knob, say};
use futures::{StreamExt, future::ready, stream};
use tokio::time::sleep;

/// Reads numbers, triples them, and stores the even ones.
pub(crate) async fn run() -> anyhow::Result<()> {
    let count = knob("count", 4, 1..=20_u64);
    ask("count=9", "how long do nine numbers take?");
    let stored = even_triples(count).await;
    say!("stored {stored:?}");
    Ok(())
}

// ANCHOR: pipeline
async fn even_triples(count: u64) -> Vec<u64> {
    stream::iter(0..count)
        .then(|n| stage("read", n, n))
        .then(|n| stage("triple", n, 3 * n))
        .filter(|n| ready(n % 2 == 0))
        .then(|n| stage("store", n, n))
        .collect()
        .await
}

async fn stage(name: &'static str, n: u64, result: u64) -> u64 {
    say!("{name} {n}");
    sleep(20.ms()).step("in a stage").lane(name).await;
    result
}
// ANCHOR_END: pipeline

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn the_filter_removes_odd_numbers_and_no_two_stages_overlap() {
        virtual_time(async {
            let (seen, stored) = Transcript::with_output(even_triples(6)).await;
            assert_eq!(stored, [0, 6, 12]);
            assert_eq!(seen.peak("in a stage"), 1, "{seen}");
            seen.assert_at(40.ms(), "store 0");
            seen.assert_at(60.ms(), "read 1");
            // Six numbers are read and tripled, and three of them are stored.
            assert_eq!(seen.elapsed(), (6 * 40 + 3 * 20).ms(), "{seen}");
        });
    }
}
