//! A stream worked through in batches gives back one result per item, in the order of the items.

use std::num::NonZeroUsize;

use futures::{
    future::FutureExt,
    stream::{self, Stream, StreamExt},
};

/// Works through `source` in chunks of `size` items, at most `concurrency` chunks at once, and
/// yields the result of every item, in order.
///
/// In asyncio this is the loop over `items[i:i + n]` with a `gather` in it. That loop needs the
/// whole list, waits for the slowest of each batch before it begins the next, and loses what is
/// done when one item fails. Here the window slides: a chunk begins as soon as a place is free.
/// The nearest in the `futures` crate is `chunks(size).map(f).buffered(n)`, which this is built
/// on; it yields whole chunks.
///
/// `f` takes the items of a chunk and returns one result for each, in the same order: the shape
/// of any call that serves many at once. Inside, the items may go one after the other, or
/// together with `join_all`. An item that can fail has a `Result` as its result, so that a bad
/// item is one `Err` among the others; a chunk that fails as a whole answers with one `Err` for
/// each of its items. No such failure ends the stream, or costs any other item its result.
///
/// `size` and `concurrency` are 1 or more. At most `concurrency` chunks are in work or wait for
/// their turn to be delivered, besides the one being filled and the one being delivered: memory
/// stays below `size * (concurrency + 2)` items, however long the source is. A chunk waits until
/// it is full or the source ends; for a source that trickles, use
/// [`batches`](super::BatchExt::batches), which has a delay.
///
/// Only polling the stream moves the chunks on: while the consumer awaits something else between
/// two results, they stand still. To let them run meanwhile, spawn a task in `f` and await its
/// handle.
///
/// # Examples
///
/// ```
/// use std::num::{NonZeroUsize, ParseIntError};
/// use async_kit::in_batches;
/// use futures::{StreamExt, stream};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// // One call parses a whole chunk, and "x" spoils nothing but its own result.
/// async fn parse(words: Vec<&str>) -> Vec<Result<i32, ParseIntError>> {
///     words.into_iter().map(str::parse).collect()
/// }
///
/// let two = NonZeroUsize::new(2).unwrap();
/// let words = stream::iter(["1", "x", "3", "4", "5"]);
/// let results: Vec<_> = in_batches(words, two, two, parse).collect().await;
///
/// let numbers: Vec<_> = results.iter().flatten().collect();
/// assert_eq!(numbers, [&1, &3, &4, &5]);
/// assert!(results[1].is_err());
/// # }
/// ```
///
/// # Panics
///
/// The stream panics when `f` returns more or fewer results than it got items, and when `f`
/// panics; the results not yet delivered are then lost. Making it panics when a chunk of `size`
/// items is more than there is memory for.
///
/// # Cancel safety
///
/// Cancel safe: items, running chunks and finished results are kept in the stream, not in the
/// future of `next`. Dropping the stream drops the running chunks where they stand.
pub fn in_batches<S, F, Fut, R>(
    source: S,
    size: NonZeroUsize,
    concurrency: NonZeroUsize,
    mut f: F,
) -> impl Stream<Item = R>
where
    S: Stream,
    F: FnMut(Vec<S::Item>) -> Fut,
    Fut: Future<Output = Vec<R>>,
{
    let checked = move |items: Vec<S::Item>| {
        let sent = items.len();
        f(items).inspect(move |results| {
            let got = results.len();
            assert_eq!(got, sent, "in_batches: {got} results for {sent} items");
        })
    };
    let chunks = source.chunks(size.get()).map(checked);
    chunks.buffered(concurrency.get()).flat_map(stream::iter)
}

#[cfg(test)]
mod tests {
    use std::{
        future,
        panic::AssertUnwindSafe,
        pin::pin,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering::SeqCst},
        },
        time::Duration,
    };

    use futures::future::join_all;
    use tokio::time::{Instant, sleep, timeout};

    use super::*;
    use crate::patterns::by_hand::ByHand;

    const STEP: Duration = Duration::from_millis(100);

    fn n(n: usize) -> NonZeroUsize {
        NonZeroUsize::new(n).unwrap()
    }

    async fn all<S: Stream>(stream: S) -> Vec<S::Item> {
        timeout(Duration::from_secs(60), stream.collect()).await.expect("it ended")
    }

    async fn slowly_doubled(item: u64) -> u64 {
        sleep(STEP).await;
        item * 2
    }

    async fn one_by_one(items: Vec<u64>) -> Vec<u64> {
        stream::iter(items).then(slowly_doubled).collect().await
    }

    async fn together(items: Vec<u64>) -> Vec<u64> {
        join_all(items.into_iter().map(slowly_doubled)).await
    }

    /// ```text
    /// 0      100    200    300    400    500
    ///   0 ──── 1 ──── 2 ──── 3 ──── 4 ───✓
    ///   5 ──── 6 ──── 7 ──── 8 ──── 9 ───✓     four chunks at once, their items in a row
    /// ```
    #[tokio::test(start_paused = true)]
    async fn chunks_run_together_and_results_keep_the_order_of_the_items() {
        let start = Instant::now();
        let doubled = all(in_batches(stream::iter(0..20), n(5), n(4), one_by_one)).await;
        assert_eq!(doubled, (0..20).map(|i| i * 2).collect::<Vec<_>>());
        assert_eq!(start.elapsed(), STEP * 5);
    }

    #[tokio::test(start_paused = true)]
    async fn concurrency_one_makes_batches_in_a_row_of_items_together() {
        let start = Instant::now();
        let doubled = all(in_batches(stream::iter(0..25), n(10), n(1), together)).await;
        assert_eq!(doubled, (0..25).map(|i| i * 2).collect::<Vec<_>>());
        assert_eq!(
            start.elapsed(),
            STEP * 3,
            "three batches, and no pause after the last"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_empty_source_never_calls_the_handler() {
        let never = |_: Vec<u64>| -> future::Ready<Vec<u64>> { panic!("called") };
        assert_eq!(
            all(in_batches(stream::empty(), n(5), n(4), never)).await,
            Vec::<u64>::new()
        );
    }

    /// The first chunk takes ten steps, the others one: they all run past it, in a window of two.
    #[tokio::test(start_paused = true)]
    async fn a_slow_chunk_holds_back_its_followers_results_but_not_their_work() {
        let start = Instant::now();
        let slow_first = async |items: Vec<u32>| {
            sleep(if items[0] == 0 { STEP * 2 } else { STEP }).await;
            items
        };
        let timed = in_batches(stream::iter(0..6), n(2), n(2), slow_first)
            .map(|item| (start.elapsed().as_millis(), item));
        let seen = all(timed).await;
        assert_eq!(seen, [(200, 0), (200, 1), (200, 2), (200, 3), (300, 4), (300, 5)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_bad_item_and_a_bad_chunk_cost_nobody_else_a_result() {
        let f = async |items: Vec<u32>| match items[0] {
            4 => vec![Err("chunk down"); items.len()],
            _ => items
                .into_iter()
                .map(|i| if i == 1 { Err("odd") } else { Ok(i) })
                .collect(),
        };
        let seen = all(in_batches(stream::iter(0..7), n(2), n(2), f)).await;
        let down = Err("chunk down");
        assert_eq!(seen, [Ok(0), Err("odd"), Ok(2), Ok(3), down, down, Ok(6)]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_source_is_never_read_further_ahead_than_the_window() {
        let read = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&read);
        let endless = stream::repeat_with(move || counter.fetch_add(1, SeqCst));
        let running = AtomicUsize::new(0);
        let most = AtomicUsize::new(0);
        let f = async |items: Vec<usize>| {
            most.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
            sleep(STEP).await;
            running.fetch_sub(1, SeqCst);
            items
        };
        let mut results = pin!(in_batches(endless, n(10), n(3), f));
        for delivered in 0..1000 {
            assert_eq!(results.next().await, Some(delivered));
            let ahead = read.load(SeqCst) - delivered;
            assert!(ahead <= 10 * (3 + 2), "{ahead} items ahead of item {delivered}");
        }
        assert_eq!(most.load(SeqCst), 3, "chunks at once");
    }

    #[tokio::test(start_paused = true)]
    async fn a_handler_that_forgets_an_item_is_found_out() {
        let forgetful = async |items: Vec<u32>| items[1..].to_vec();
        let run = all(in_batches(stream::iter(0..4), n(4), n(1), forgetful));
        let panic = AssertUnwindSafe(run).catch_unwind().await.unwrap_err();
        let text = panic.downcast_ref::<String>().expect("a formatted message");
        assert!(text.contains("3 results for 4 items"), "{text}");
    }

    /// Drops `next` before its first poll, at every `Pending`, and after it was woken.
    #[tokio::test(start_paused = true)]
    async fn a_cancelled_next_loses_no_item_and_repeats_no_work() {
        let calls = AtomicUsize::new(0);
        let f = async |items: Vec<u64>| {
            calls.fetch_add(1, SeqCst);
            one_by_one(items).await
        };
        let mut results = pin!(in_batches(stream::iter(0..6), n(2), n(2), f));
        let mut seen = Vec::new();
        let mut cuts = 0;
        while seen.len() < 6 {
            drop(results.next());
            let mut cut = ByHand::new(results.next());
            if let std::task::Poll::Ready(item) = cut.poll() {
                seen.push(item.expect("six items"));
                continue;
            }
            sleep(STEP).await;
            assert!(cut.is_woken(), "a step of the work is over");
            cuts += 1;
            assert!(cuts < 100, "stuck after {seen:?}");
        }
        assert_eq!(seen, [0, 2, 4, 6, 8, 10]);
        assert_eq!((calls.load(SeqCst), cuts), (3, 4));
    }
}
