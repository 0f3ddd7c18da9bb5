//! A batch is yielded when it is full, or when its first item has waited for the maximum delay.

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
    task::coop::{self, has_budget_remaining},
    time::{Instant, Sleep, sleep_until},
};

use super::super::timer::{end_of, poll_timer};

/// Collects the items of a stream into batches.
pub trait BatchExt: Stream + Sized {
    /// Yields a batch when it has `size` items, when `max_delay` has passed since its first item,
    /// or when the source ends. A batch is never empty, and the order is kept.
    ///
    /// asyncio has no counterpart (`itertools.batched` cannot wait). A loop around
    /// `wait_for(queue.get(), …)` restarts the clock for every item. `chunks` of the `futures` crate
    /// has no delay: the items of a batch that is not full wait until others arrive.
    ///
    /// # Backpressure
    ///
    /// The source is polled only when the batches are polled, so a slow consumer slows the source
    /// down.
    ///
    /// # Size and delay
    ///
    /// `size` is 1 or more. `max_delay` starts when the first item of the batch is taken from the
    /// source. It has Tokio's resolution of one millisecond; one that reaches beyond the end of the
    /// clock never ends. With zero, a batch contains the items that are ready now, and no timer is
    /// started.
    ///
    /// The delay also holds for a source that is always ready: the clock is read after each item of an
    /// incomplete batch. If the delay ended before the poll, the items that are ready by then still
    /// become part of the batch. Each item takes from Tokio's cooperative budget, so the task yields to
    /// others. If that happens when the delay has ended or is zero, the batch is yielded.
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
    /// Polling the stream panics if it has to wait for more items outside a Tokio runtime with time
    /// enabled.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: an incomplete batch is kept in the stream, not in the future of `next`, and its
    /// delay continues. Dropping the stream itself drops the items that it has collected.
    fn batches(self, size: NonZeroUsize, max_delay: Duration) -> Batches<Self> {
        let source = self.fuse();
        let (size, batch) = (size.get(), Vec::new());
        Batches { source, size, max_delay, batch, since: None, timer: None }
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
        // When the first item was taken; `None` if there is no delay, or no item.
        since: Option<Instant>,
        // It is started only if an incomplete batch has to wait: most full batches need no timer.
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
    /// Ready if the batch is full, the source has ended, or the delay has ended since this poll began.
    fn poll_fill(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // If the delay ended before this poll, the items that are ready by now are taken too.
        let was_due = self.is_due();
        let mut this = self;
        while this.batch.len() < this.size {
            let budget = ready!(coop::poll_proceed(cx));
            let item = ready!(this.as_mut().project().source.poll_next(cx));
            budget.made_progress();
            let Some(item) = item else { break };
            this.as_mut().push(item);
            if !was_due && this.is_due() {
                break;
            }
        }
        Poll::Ready(())
    }

    fn push(self: Pin<&mut Self>, item: S::Item) {
        let this = self.project();
        this.batch.push(item);
        // A batch of one item, or without a delay, does not read the clock.
        if this.batch.len() == 1 && *this.size > 1 && !this.max_delay.is_zero() {
            *this.since = Some(Instant::now());
        }
    }

    /// Whether the batch is incomplete, and its first item has waited for `max_delay`.
    fn is_due(&self) -> bool {
        self.batch.len() < self.size
            && self.since.is_some_and(|since| since.elapsed() >= self.max_delay)
    }

    /// Ready if the first item has waited for `max_delay`.
    fn poll_delay(
        self: Pin<&mut Self>,
        had_budget: bool,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let mut this = self.project();
        let Some(since) = *this.since else { return Poll::Ready(()) };
        if this.timer.is_none() {
            this.timer.set(end_of(since, *this.max_delay).map(sleep_until));
        }
        let Some(timer) = this.timer.as_pin_mut() else { return Poll::Pending };
        poll_timer(timer, had_budget, cx)
    }

    /// Takes the collected items, or returns `None` if there are none.
    fn take(self: Pin<&mut Self>) -> Option<Vec<S::Item>> {
        let mut this = self.project();
        this.timer.set(None);
        *this.since = None;
        // The next batch will probably be as long as this one. If `size` were allocated, a size
        // that only means "no limit" would use up the memory.
        let next = Vec::with_capacity(this.batch.len());
        let batch = mem::replace(this.batch, next);
        (!batch.is_empty()).then_some(batch)
    }
}

impl<S: Stream> FusedStream for Batches<S> {
    fn is_terminated(&self) -> bool {
        self.source.is_terminated()
    }
}
