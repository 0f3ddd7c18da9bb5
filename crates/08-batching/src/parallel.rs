//! The number of concurrent batches does not depend on the number of items.
//!
//! asyncio: slice the list and `gather` a coroutine per batch. Then the size decides how long a
//! batch takes, and the number of items decides how many batches run concurrently: 2000 items in
//! batches of five are 400 concurrent batches. Tokio: `chunks(size)` and `buffered(at_once)`, two
//! numbers that you choose. With a `NonZeroUsize` none of them can be zero; `chunks(0)` would panic,
//! and `buffered(0)` would hang.

use std::{num::NonZeroUsize, ops::Range};

use async_kit::{Lane, Millis, ask, knob, say};
use futures::{StreamExt, stream};
use tokio::time::sleep;

/// Twenty items in batches of five, three batches at a time.
pub(crate) async fn run() -> anyhow::Result<()> {
    let items = knob("items", 20, 0..=40);
    let size = knob("size", 5_usize, 1..=20).try_into()?;
    let at_once = knob("at-once", 3_usize, 1..=10).try_into()?;
    ask("at-once=2", "do the four batches take longer?");
    say!("{:?}", double_all(0..items, size, at_once).await);
    Ok(())
}

// ANCHOR: parallel
async fn double_all(
    items: Range<usize>,
    size: NonZeroUsize,
    at_once: NonZeroUsize,
) -> Vec<usize> {
    let batches = stream::iter(items).chunks(size.get()).enumerate();
    let doubled = batches.map(|(n, batch)| double(batch).lane(format!("batch-{n}")));
    doubled.buffered(at_once.get()).concat().await
}

async fn double(batch: Vec<usize>) -> Vec<usize> {
    say!("starts with {}", batch[0]);
    let mut doubled = Vec::new();
    for item in batch {
        sleep(10.ms()).step("working on an item").await;
        doubled.push(item * 2);
    }
    doubled
}
// ANCHOR_END: parallel

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn doubled(items: usize, size: usize, at_once: usize) -> (Transcript, Vec<usize>) {
        let (size, at_once) = (size.try_into().unwrap(), at_once.try_into().unwrap());
        virtual_time(Transcript::with_output(double_all(0..items, size, at_once)))
    }

    /// ```text
    /// 0         50
    /// 0 █████████✓
    /// 1 █████████✓
    /// 2 █████████✓
    /// 3 █████████✓
    /// ```
    #[test]
    fn four_concurrent_batches_take_as_long_as_one() {
        let (seen, results) = doubled(20, 5, 4);
        assert_eq!(results, (0..20).map(|n| n * 2).collect::<Vec<_>>());
        assert_eq!(seen.elapsed(), 50.ms(), "{seen}");
    }

    #[test]
    fn of_four_hundred_batches_no_more_run_than_the_limit() {
        for at_once in [1, 3, 10] {
            let (seen, results) = doubled(2000, 5, at_once);
            assert_eq!(results.len(), 2000);
            assert_eq!(seen.peak("working on an item"), at_once);
        }
    }

    #[test]
    fn without_items_no_batch_starts() {
        let (seen, results) = doubled(0, 5, 3);
        assert_eq!((results, seen.lines().len()), (vec![], 0), "{seen}");
    }

    #[test]
    fn the_last_batch_may_be_smaller() {
        let (seen, results) = doubled(7, 5, 3);
        assert_eq!(
            results,
            [0, 2, 4, 6, 8, 10, 12],
            "though the smaller batch is done first"
        );
        seen.assert_at(0.ms(), "batch-1 starts with 5");
    }
}
