//! A bad item loses only its own result.
//!
//! asyncio: `gather` raises the first error, the other jobs keep running, and every result is lost;
//! `return_exceptions=True` mixes results and exceptions in one list. Here an item that can fail
//! has a `Result`, and the caller chooses: keep all results, or stop at the first error and keep
//! the results before it. To stop, the caller drops the stream, which drops the running batches.

use std::{num::NonZeroUsize, pin::pin};

use anyhow::Context;
use async_kit::{Lane, Millis, ask, in_batches, knob, say};
use futures::{Stream, StreamExt, stream};
use tokio::time::sleep;

const PRICES: &str = "1 2 3 4 ? 6 7 8 9 10 11 12 13 14";

/// One of the prices is invalid. The first reading keeps all results, the second stops at the error.
pub(crate) async fn run() -> anyhow::Result<()> {
    let size = knob("size", 3_usize, 1..=10).try_into()?;
    let at_once = knob("at-once", 3_usize, 1..=10).try_into()?;
    ask("at-once=1", "how many batches start after `stop at the first error`?");
    say!("keep all");
    for price in keep_all(size, at_once).await {
        say!("{}", price.map_or_else(|bad| bad.to_string(), |price| price.to_string()));
    }
    say!("stop at the first error");
    let (prices, error) = until_an_error(size, at_once).await;
    let why = error.map(|error| error.to_string());
    say!("kept {prices:?}, then: {}", why.as_deref().unwrap_or("the end"));
    Ok(())
}

// ANCHOR: results
async fn keep_all(size: NonZeroUsize, at_once: NonZeroUsize) -> Vec<anyhow::Result<u32>> {
    prices(size, at_once).collect().await
}

async fn until_an_error(
    size: NonZeroUsize,
    at_once: NonZeroUsize,
) -> (Vec<u32>, Option<anyhow::Error>) {
    let mut prices = pin!(prices(size, at_once));
    let mut kept = Vec::new();
    while let Some(price) = prices.next().await {
        match price {
            Ok(price) => kept.push(price),
            Err(error) => return (kept, Some(error)),
        }
    }
    (kept, None)
}

fn prices(
    size: NonZeroUsize,
    at_once: NonZeroUsize,
) -> impl Stream<Item = anyhow::Result<u32>> {
    let words = stream::iter(PRICES.split(' '));
    in_batches(words, size, at_once, |batch| {
        let name = batch.join(" ");
        read(batch).lane(name)
    })
}

async fn read(batch: Vec<&str>) -> Vec<anyhow::Result<u32>> {
    let mut prices = Vec::new();
    for word in batch {
        let price = word.parse().with_context(|| format!("{word} is no price"));
        // An invalid price takes longer, so that other batches still run when its error comes.
        let takes = if price.is_ok() { 10.ms() } else { 15.ms() };
        sleep(takes).step("reading").await;
        prices.push(price);
    }
    prices
}
// ANCHOR_END: results

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, stage::record::Ending, virtual_time};

    use super::*;

    fn n(n: usize) -> NonZeroUsize {
        n.try_into().unwrap()
    }

    #[test]
    fn one_bad_price_loses_none_of_the_other_thirteen() {
        for (size, at_once) in [(3, 3), (1, 1), (10, 2)] {
            let prices = virtual_time(keep_all(n(size), n(at_once)));
            let good: Vec<_> = prices.iter().flatten().copied().collect();
            assert_eq!(good, [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
            let bad = prices[4].as_ref().expect_err("the fifth is a question mark");
            assert_eq!(bad.to_string(), "? is no price");
        }
    }

    #[test]
    fn stopping_at_the_first_error_keeps_the_results_before_it() {
        for (size, at_once) in [(3, 3), (1, 1), (10, 2)] {
            let (kept, error) = virtual_time(until_an_error(n(size), n(at_once)));
            assert_eq!(kept, [1, 2, 3, 4]);
            assert!(error.is_some());
        }
    }

    /// ```text
    /// 0          30    35
    /// 1 2 3      ✓
    /// 4 ? 6            ✗ stops the reading
    /// 7 8 9      ✓
    /// 10 11 12   █████⊘
    /// 13 14                       never created
    /// ```
    #[test]
    fn stopping_drops_the_running_batches_and_starts_no_more() {
        let (seen, _) = virtual_time(Transcript::with_output(until_an_error(n(3), n(3))));
        assert_eq!(seen.elapsed(), 35.ms(), "{seen}");
        assert_eq!(seen.ending("10 11 12"), Some(Ending::Dropped));
        assert_eq!(seen.ending("13 14"), None);
    }
}
