//! A stream processed in batches yields one result per item, in the order of the items.

use std::{
    num::NonZeroUsize,
    pin::pin,
    task::{Poll, ready},
};

use futures::{
    future::FutureExt,
    stream::{self, FuturesOrdered, Stream, StreamExt},
};
use tokio::task::consume_budget;

/// Processes `source` in chunks of `size` items, at most `concurrency` chunks at the same time, and
/// yields the result of every item, in order.
///
/// In asyncio this is a loop over `items[i:i + n]` with a `gather` in it. That loop needs the whole
/// list, waits for the slowest item of each batch before it begins the next, and loses finished
/// results if one item fails. Here the window slides: a chunk begins as soon as another one ends.
/// It works like `chunks(size).map(f).buffered(n)` of the `futures` crate, which yields whole
/// chunks.
///
/// # The handler
///
/// `f` takes the items of a chunk and returns one result for each, in the same order, like any call
/// that handles many items. In `f` the items may be processed one after the other, or concurrently
/// with `join_all`.
///
/// # Failed items
///
/// If an item can fail, make its result a `Result`, so that a bad item is one `Err` among the others.
/// If a whole chunk fails, return one `Err` for each of its items. Such failures do not end the
/// stream and do not affect the results of other items.
///
/// # Memory
///
/// `size` and `concurrency` are 1 or more. At most `concurrency` chunks are running or wait to be
/// yielded, besides the one being filled and the one being yielded. So memory stays below
/// `size * (concurrency + 2)` items, even if the source is very long.
///
/// # Progress
///
/// If nothing ever waits, neither the source nor a chunk, the task yields between two chunks. A chunk
/// itself is collected without a yield while the source is ready, so do not choose a huge `size`.
///
/// A chunk waits until it is full or the source ends. If the items arrive slowly, use
/// [`batches`](super::BatchExt::batches), which has a maximum delay.
///
/// The chunks make progress only while the stream is polled: while the consumer awaits something else
/// between two results, they pause. If they should continue, spawn a task in `f` and await its handle.
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
/// // One call parses a whole chunk, and "x" affects only its own result.
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
/// Polling the stream panics if `f` panics, or if `f` returns more or fewer results than it got
/// items. The results that were not yielded are then lost. `in_batches` itself panics if there is no
/// memory for a chunk of `size` items.
///
/// # Cancel safety
///
/// Cancel safe: items, running chunks and finished results are kept in the stream, not in the future
/// of `next`. Dropping the stream drops the running chunks at their current await.
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
    let mut checked = move |items: Vec<S::Item>| {
        let sent = items.len();
        f(items).inspect(move |results| {
            let got = results.len();
            assert_eq!(got, sent, "in_batches: {got} results for {sent} items");
        })
    };
    let mut chunks = Box::pin(source.chunks(size.get()).fuse());
    let mut running = FuturesOrdered::new();
    let results = stream::poll_fn(move |cx| {
        // A task whose chunks never wait still yields to others. (A unit of Tokio's budget for each
        // item would double the cost of an item.)
        while running.len() < concurrency.get()
            && pin!(consume_budget()).poll(cx).is_ready()
        {
            let Poll::Ready(Some(items)) = chunks.poll_next_unpin(cx) else { break };
            let mut chunk = Box::pin(checked(items));
            // The difference from `buffered`: a chunk that need not wait is not put into the queue,
            // which costs as much as the rest of the chunk.
            if running.is_empty()
                && let Poll::Ready(results) = chunk.poll_unpin(cx)
            {
                return Poll::Ready(Some(results));
            }
            running.push_back(chunk);
        }
        match ready!(running.poll_next_unpin(cx)) {
            None if !chunks.is_done() => Poll::Pending,
            results => Poll::Ready(results),
        }
    });
    results.flat_map(stream::iter)
}
