//! A batch leaves when it is full, or when its first item has waited long enough.

use std::{
    mem,
    num::NonZeroUsize,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures::stream::{Fuse, FusedStream, Stream, StreamExt};
use pin_project_lite::pin_project;
use tokio::{
    task::coop::has_budget_remaining,
    time::{Sleep, sleep},
};

use crate::patterns::deadline::poll_timer;

/// Cuts streams into batches.
pub trait BatchExt: Stream + Sized {
    /// Collects items into batches: each leaves with `size` items, or `max_delay` after its first
    /// item, or when the source ends. A batch is never empty, and the order is kept.
    ///
    /// asyncio has no counterpart (`itertools.batched` cannot wait); there one writes a loop around
    /// `wait_for(queue.get(), …)`, which restarts the clock for every item. `chunks` of the
    /// `futures` crate has no delay: its last few items wait until enough others have come.
    ///
    /// Only polling the batches polls the source, so a slow consumer slows the source down, and
    /// `max_delay` counts from the poll that took the first item. What is ready in the source when
    /// the delay ends still comes along.
    ///
    /// `size` is 1 or more. `max_delay` has Tokio's resolution of one millisecond; with zero, a
    /// batch is whatever is ready at once, and no timer is made.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{num::NonZeroUsize, time::Duration};
    /// use async_kit::BatchExt;
    /// use futures::{StreamExt, stream};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let three = NonZeroUsize::new(3).unwrap();
    /// let batches = stream::iter(1..=7).batches(three, Duration::from_millis(50));
    /// assert_eq!(batches.collect::<Vec<_>>().await, [vec![1, 2, 3], vec![4, 5, 6], vec![7]]);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// The stream panics when it has to wait for a batch to fill outside a Tokio runtime with time
    /// enabled.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a batch that is not full yet is kept in the stream, not in the future of
    /// `next`, and its delay runs on. Dropping the stream itself drops the items it has collected.
    fn batches(self, size: NonZeroUsize, max_delay: Duration) -> Batches<Self> {
        let source = self.fuse();
        Batches { source, size: size.get(), max_delay, batch: Vec::new(), timer: None }
    }
}

impl<S: Stream> BatchExt for S {}

pin_project! {
    /// The stream of [`BatchExt::batches`].
    #[must_use = "streams do nothing unless polled"]
    pub struct Batches<S: Stream> {
        #[pin]
        source: Fuse<S>,
        size: usize,
        max_delay: Duration,
        batch: Vec<S::Item>,
        // Made only when a started batch has to wait: most full batches never need one.
        #[pin]
        timer: Option<Sleep>,
    }
}

impl<S: Stream> Stream for Batches<S> {
    type Item = Vec<S::Item>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Self::Item>> {
        let had_budget = has_budget_remaining();
        match self.as_mut().poll_fill(cx) {
            Poll::Ready(()) => {}
            Poll::Pending if self.batch.is_empty() => return Poll::Pending,
            Poll::Pending => ready!(self.as_mut().poll_delay(had_budget, cx)),
        }
        Poll::Ready(self.take())
    }
}

impl<S: Stream> Batches<S> {
    /// Ready when the batch is full or the source has ended.
    fn poll_fill(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        while this.batch.len() < *this.size {
            match ready!(this.source.as_mut().poll_next(cx)) {
                Some(item) => this.batch.push(item),
                None => break,
            }
        }
        Poll::Ready(())
    }

    /// Ready when the first item has waited for `max_delay`.
    fn poll_delay(
        self: Pin<&mut Self>,
        had_budget: bool,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let mut this = self.project();
        if this.max_delay.is_zero() {
            return Poll::Ready(());
        }
        if this.timer.is_none() {
            // Without a timer this is the poll that took the first item: its delay begins now.
            this.timer.set(Some(sleep(*this.max_delay)));
        }
        poll_timer(this.timer.as_pin_mut().expect("made above"), had_budget, cx)
    }

    /// What was collected, or `None` when that is nothing.
    fn take(self: Pin<&mut Self>) -> Option<Vec<S::Item>> {
        let mut this = self.project();
        this.timer.set(None);
        // The next batch will probably be as long as this one. Allocating `size` instead would
        // let a size that only means "no limit" take all the memory there is.
        let next = Vec::with_capacity(this.batch.len());
        let batch = mem::replace(this.batch, next);
        (!batch.is_empty()).then_some(batch)
    }
}

impl<S: Stream> FusedStream for Batches<S> {
    fn is_terminated(&self) -> bool {
        self.source.is_terminated() && self.batch.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::{pin::pin, time::Duration};

    use futures::{future::poll_immediate, stream};
    use tokio::{
        sync::mpsc,
        task::{consume_budget, yield_now},
        time::{Instant, advance, timeout},
    };

    use super::*;
    use crate::patterns::by_hand::ByHand;

    const DELAY: Duration = Duration::from_millis(50);

    fn size(n: usize) -> NonZeroUsize {
        NonZeroUsize::new(n).unwrap()
    }

    /// Items 1, 2, 3, … at the given milliseconds.
    fn items_at(times: &'static [u64]) -> impl Stream<Item = usize> {
        let start = Instant::now();
        stream::iter(times.iter().enumerate()).then(move |(i, at)| async move {
            tokio::time::sleep_until(start + Duration::from_millis(*at)).await;
            i + 1
        })
    }

    /// Every batch, and the millisecond at which it left.
    async fn departures<S: Stream>(batches: S) -> Vec<(u64, S::Item)> {
        let start = Instant::now();
        let timed = batches.map(|batch| (start.elapsed().as_millis() as u64, batch));
        timeout(Duration::from_secs(60), timed.collect()).await.expect("the source ended")
    }

    fn channel() -> (mpsc::Sender<usize>, impl Stream<Item = usize>) {
        let (sender, mut receiver) = mpsc::channel(100);
        (sender, stream::poll_fn(move |cx| receiver.poll_recv(cx)))
    }

    /// ```text
    /// 0    10   20   30   40   50   60   70   80   90   100  110  120
    /// 1    2    3!             |         4                   |    5
    ///                                    └─ delay 50 ms ──────────!
    /// ```
    #[tokio::test(start_paused = true)]
    async fn a_batch_leaves_when_full_or_when_its_first_item_has_waited() {
        let source = items_at(&[0, 10, 20, 70, 110, 150]);
        let seen = departures(source.batches(size(3), DELAY)).await;
        assert_eq!(seen, [(20, vec![1, 2, 3]), (120, vec![4, 5]), (150, vec![6])]);
    }

    #[tokio::test(start_paused = true)]
    async fn later_items_do_not_extend_the_delay() {
        let source = items_at(&[0, 40, 80, 120]);
        let seen = departures(source.batches(size(100), DELAY)).await;
        assert_eq!(seen, [(50, vec![1, 2]), (120, vec![3, 4])]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_of_the_source_releases_the_last_batch_at_once() {
        let seen = departures(items_at(&[0, 5]).batches(size(10), DELAY)).await;
        assert_eq!(seen, [(5, vec![1, 2])]);
        let empty = stream::empty::<usize>().batches(size(10), DELAY);
        assert_eq!(departures(empty).await, []);
    }

    // Plain `#[test]`: there is no runtime, so any timer would panic.
    #[test]
    fn what_is_ready_at_once_needs_no_timer() {
        let (sender, source) = channel();
        let mut batches = pin!(source.batches(size(2), Duration::ZERO));
        let mut next = || ByHand::new(batches.next()).poll();
        for item in 1..=3 {
            sender.try_send(item).unwrap();
        }
        assert_eq!(next(), Poll::Ready(Some(vec![1, 2])));
        assert_eq!(next(), Poll::Ready(Some(vec![3])), "zero delay, not full");
        assert_eq!(next(), Poll::Pending, "an empty batch never leaves");
        drop(sender);
        assert_eq!(next(), Poll::Ready(None));
        assert!(batches.is_terminated());
    }

    #[tokio::test(start_paused = true)]
    async fn a_size_that_means_no_limit_allocates_only_what_came() {
        let source = items_at(&[0, 10, 20]);
        let seen = departures(source.batches(NonZeroUsize::MAX, DELAY)).await;
        assert_eq!(seen, [(20, vec![1, 2, 3])]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_consumer_that_comes_late_gets_what_is_ready_by_then() {
        let (sender, source) = channel();
        let mut batches = pin!(source.batches(size(3), DELAY));
        sender.try_send(1).unwrap();
        assert_eq!(poll_immediate(batches.next()).await, None);
        tokio::time::sleep(DELAY * 2).await;
        sender.try_send(2).unwrap();
        assert_eq!(poll_immediate(batches.next()).await, Some(Some(vec![1, 2])));
    }

    /// The source is never idle, so the clock is moved by hand.
    #[tokio::test(start_paused = true)]
    async fn a_source_that_never_pauses_cannot_hold_a_batch_back() {
        let greedy = stream::repeat(1).then(async |item| {
            consume_budget().await;
            item
        });
        let collecting = tokio::spawn(async {
            pin!(greedy.batches(NonZeroUsize::MAX, DELAY)).next().await.map(|b| b.len())
        });
        yield_now().await;
        advance(DELAY).await;
        for _ in 0..100 {
            yield_now().await;
        }
        let left = collecting.is_finished();
        collecting.abort();
        assert!(left, "still collecting after {DELAY:?}");
    }

    /// That no item is lost is shown by `tests/kit/cancellation`.
    #[tokio::test(start_paused = true)]
    async fn a_cancelled_next_does_not_restart_the_delay() {
        let (sender, source) = channel();
        let mut batches = pin!(source.batches(size(3), DELAY));
        let start = Instant::now();
        sender.try_send(1).unwrap();
        assert_eq!(poll_immediate(batches.next()).await, None, "1 is taken, not full");
        sender.try_send(2).unwrap();
        let cut = timeout(Duration::from_millis(30), batches.next()).await;
        assert!(cut.is_err(), "cancelled while it waits for the delay: {cut:?}");
        assert_eq!(batches.next().await, Some(vec![1, 2]));
        assert_eq!(start.elapsed(), DELAY, "the delay began with item 1");
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_is_repeated() {
        let mut batches = pin!(stream::iter([3]).batches(size(3), DELAY));
        assert_eq!(batches.next().await, Some(vec![3]));
        assert_eq!(batches.next().await, None);
        assert_eq!(batches.next().await, None);
    }
}
