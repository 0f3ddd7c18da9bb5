//! The fetch in flight is kept in the stream, so a cancelled `next` does not lose or repeat it.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures::stream::{FusedStream, Stream};
use pin_project_lite::pin_project;
use tokio::task::coop;

use super::{in_task::InTask, page::Page};

pin_project! {
    /// The stream of [`pages`](super::pages()) and [`pages_by_cursor`](super::pages_by_cursor).
    #[must_use = "streams do nothing unless polled"]
    pub struct Pages<At, F, Fut> {
        fetch: F,
        // The position of the page in flight, or of the next page to fetch; `None` after the end.
        at: Option<At>,
        #[pin]
        in_flight: Option<Fut>,
        prefetch: bool,
        // Of the call of `fetch` for the next page, while the page before it is yielded.
        panic: Option<Box<dyn Any + Send>>,
    }
}

impl<At, F, Fut> Pages<At, F, Fut> {
    pub(super) fn new(first: At, fetch: F) -> Self {
        Self { fetch, at: Some(first), in_flight: None, prefetch: false, panic: None }
    }

    /// Fetches the next page, in a task of its own, while the consumer works on this one.
    ///
    /// It fetches at most one page ahead. The first fetch begins at the first poll. After an error,
    /// the next fetch begins at the next poll. Dropping the stream aborts the fetch.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{convert::Infallible, time::Duration};
    /// use async_kit::pages;
    /// use futures::TryStreamExt;
    /// use tokio::time::{Instant, sleep};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Infallible> {
    /// const STEP: Duration = Duration::from_millis(100);
    ///
    /// async fn fetch(page: u64) -> Result<Vec<u64>, Infallible> {
    ///     sleep(STEP).await;
    ///     Ok(if page <= 3 { vec![page] } else { vec![] })
    /// }
    ///
    /// let start = Instant::now();
    /// let mut pages = std::pin::pin!(pages(fetch).prefetch());
    /// while let Some(_) = pages.try_next().await? {
    ///     sleep(STEP).await; // the work on one page
    /// }
    /// // Four fetches and the work on three pages would take 7 steps one after the other.
    /// assert_eq!(start.elapsed(), 4 * STEP);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Polling the stream panics outside a Tokio runtime, and if `fetch` panicked. A page that arrived
    /// before the panic is yielded first.
    ///
    /// # Cancel safety
    ///
    /// As [`pages`](super::pages()): after a cancelled `next`, the fetch in flight continues in its
    /// task.
    pub fn prefetch<O>(mut self) -> Pages<At, impl FnMut(At) -> InTask<O>, InTask<O>>
    where
        F: FnMut(At) -> Fut,
        Fut: Future<Output = O> + Send + 'static,
        O: Send + 'static,
    {
        Pages {
            fetch: move |at| InTask::spawn((self.fetch)(at)),
            at: self.at,
            in_flight: None,
            prefetch: true,
            panic: None,
        }
    }
}

impl<At, F, Fut> Pages<At, F, Fut>
where
    At: Clone,
    F: FnMut(At) -> Fut,
{
    /// Begins the next fetch, unless one is in flight or the end was reached.
    fn start_fetch(self: Pin<&mut Self>) {
        let mut this = self.project();
        if let (None, Some(at)) = (&*this.in_flight, &*this.at) {
            let fetch = (this.fetch)(at.clone());
            this.in_flight.set(Some(fetch));
        }
    }

    /// Begins the next fetch. The code of the caller runs in it, and its panic must not lose the page
    /// that has just arrived.
    fn prefetch_next(mut self: Pin<&mut Self>) {
        let start = AssertUnwindSafe(|| self.as_mut().start_fetch());
        if let Err(panic) = catch_unwind(start) {
            *self.project().panic = Some(panic);
        }
    }
}

impl<At, F, Fut, P, E> Stream for Pages<At, F, Fut>
where
    At: Clone,
    F: FnMut(At) -> Fut,
    Fut: Future<Output = Result<P, E>>,
    P: Page<At>,
{
    type Item = Result<Vec<P::Item>, E>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Self::Item>> {
        if let Some(panic) = self.as_mut().project().panic.take() {
            resume_unwind(panic);
        }
        loop {
            self.as_mut().start_fetch();
            let mut this = self.as_mut().project();
            let Some(in_flight) = this.in_flight.as_mut().as_pin_mut() else {
                return Poll::Ready(None);
            };
            // As in Tokio's own primitives, a task whose fetches never wait still yields to others.
            let budget = ready!(coop::poll_proceed(cx));
            let answer = ready!(in_flight.poll(cx));
            budget.made_progress();
            this.in_flight.set(None);
            let page = match answer {
                Ok(page) => page,
                Err(error) => return Poll::Ready(Some(Err(error))),
            };
            let at = this.at.take().expect("a fetch in flight has a position");
            let (items, next) = page.into_parts(at);
            *this.at = next;
            if items.is_empty() {
                continue;
            }
            if *this.prefetch {
                self.prefetch_next();
            }
            return Poll::Ready(Some(Ok(items)));
        }
    }
}

impl<At, F, Fut> FusedStream for Pages<At, F, Fut>
where
    Self: Stream,
{
    fn is_terminated(&self) -> bool {
        self.at.is_none()
    }
}
