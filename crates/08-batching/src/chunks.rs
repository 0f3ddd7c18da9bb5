//! Only a few chunks are in memory at any time, and the sums are returned in order.
//!
//! asyncio: a loop over slices of a complete list, a task for each, and a `gather` for every ten,
//! so that results come in groups. Tokio: the input is a `Stream`, so rows are read when there is
//! room for them, and the output is a stream too. A failed chunk is one `Err` in the output. Each
//! chunk is a task, so that several threads share the work; dropping the stream aborts the running
//! tasks.

use std::num::NonZeroUsize;

use anyhow::Context;
use async_kit::{Lane, Millis, ask, knob, say};
use futures::{Stream, StreamExt, stream};
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

/// 10 500 readings in chunks of a thousand, and one reading is invalid.
pub(crate) async fn run() -> anyhow::Result<()> {
    let readings = knob("readings", 10_500_u32, 1..=100_000);
    let size = knob("size", 1000_usize, 100..=5000).try_into()?;
    let at_once = knob("at-once", 5_usize, 1..=10).try_into()?;
    ask("at-once=2", "when is the error of chunk-3 printed?");
    let readings = stream::iter(0..readings);
    let readings = readings.map(|n| if n == 3_500 { -1 } else { n.into() });
    let mut sums = sums(readings, size, at_once);
    while let Some(sum) = sums.next().await {
        match sum {
            Ok(sum) => say!("{sum}"),
            Err(error) => say!("{error}"),
        }
    }
    Ok(())
}

// ANCHOR: chunks
fn sums(
    readings: impl Stream<Item = i64> + Unpin,
    size: NonZeroUsize,
    at_once: NonZeroUsize,
) -> impl Stream<Item = anyhow::Result<u64>> + Unpin {
    let chunks = readings.chunks(size.get()).enumerate();
    let tasks = chunks.map(|(n, chunk)| {
        let task = tokio::spawn(sum(chunk).try_lane(format!("chunk-{n}")));
        AbortOnDropHandle::new(task)
    });
    tasks.buffered(at_once.get()).map(|joined| joined?)
}

async fn sum(chunk: Vec<i64>) -> anyhow::Result<u64> {
    sleep((chunk.len() as u64).div_ceil(100).ms()).step("adding up").await;
    let sum: Result<u64, _> = chunk.into_iter().map(u64::try_from).sum();
    sum.context("a reading is below zero")
}
// ANCHOR_END: chunks

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    };

    use async_kit::{Transcript, stage::record::Ending, virtual_time};

    use super::*;

    fn n(n: usize) -> NonZeroUsize {
        n.try_into().unwrap()
    }

    fn all_sums(
        readings: impl Stream<Item = i64> + Unpin + Send + 'static,
        at_once: usize,
    ) -> (Transcript, Vec<anyhow::Result<u64>>) {
        let sums = sums(readings, n(1000), n(at_once));
        virtual_time(Transcript::with_output(async { sums.collect().await }))
    }

    #[test]
    fn twenty_five_thousand_rows_become_twenty_six_sums_at_every_width() {
        for (at_once, took) in [(1, 255), (5, 55), (10, 30)] {
            let (seen, sums) = all_sums(stream::iter(0..25_500), at_once);
            let sums: Vec<_> = sums.into_iter().map(Result::unwrap).collect();
            assert_eq!((sums.len(), sums[0], sums[1]), (26, 499_500, 1_499_500));
            assert_eq!((sums[20], sums[25]), (20_499_500, 12_624_750));
            assert_eq!(seen.peak("adding up"), at_once);
            assert_eq!(
                seen.elapsed(),
                took.ms(),
                "10 ms for each chunk, and 5 for the last: {seen}"
            );
        }
    }

    #[test]
    fn a_sum_that_is_ready_early_waits_for_the_sums_before_it() {
        let (_, sums) = all_sums(stream::iter(0..1_500), 2);
        let sums: Vec<_> = sums.into_iter().map(Result::unwrap).collect();
        assert_eq!(sums, [499_500, 624_750], "the second takes half as long");
    }

    #[test]
    fn a_bad_chunk_is_one_error_among_the_sums() {
        let readings = stream::iter((0..5_000).map(|n| if n == 3_500 { -1 } else { n }));
        let (seen, sums) = all_sums(readings, 2);
        let good: Vec<_> = sums.iter().map(Result::is_ok).collect();
        assert_eq!(good, [true, true, true, false, true]);
        assert_eq!(seen.ending("chunk-3"), Some(Ending::Failed));
    }

    /// The source is endless, so its rows cannot be stored in a list first.
    #[test]
    fn no_more_rows_are_read_than_the_window_holds() {
        let read = Arc::new(AtomicI64::new(0));
        let counter = Arc::clone(&read);
        let endless = stream::repeat(1).inspect(move |_| {
            counter.fetch_add(1, Relaxed);
        });
        virtual_time(async move {
            let mut sums = sums(endless, n(1000), n(5));
            for rows in [5000, 6000] {
                assert_eq!(sums.next().await.unwrap().unwrap(), 1000);
                assert_eq!(
                    read.load(Relaxed),
                    rows,
                    "one chunk is taken, and one chunk is read"
                );
            }
        });
    }

    #[test]
    fn dropping_the_sums_aborts_the_running_chunks() {
        let seen = virtual_time(Transcript::of(async {
            let mut sums = sums(stream::iter(0..10_000), n(1000), n(3));
            let timed_out = tokio::time::timeout(5.ms(), sums.next()).await;
            assert!(timed_out.is_err());
            drop(sums);
            sleep(100.ms()).await;
        }));
        assert_eq!(seen.ending("chunk-0"), Some(Ending::Dropped));
        assert_eq!(seen.ending("chunk-2"), Some(Ending::Dropped));
    }
}
