//! The fetch under way is kept in the stream, so no cancelled `next` loses or repeats it.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures::stream::{FusedStream, Stream};
use pin_project_lite::pin_project;

use super::{InTask, Page};

pin_project! {
    /// The stream of [`pages`](super::pages()) and [`pages_by_cursor`](super::pages_by_cursor).
    #[must_use = "streams do nothing unless polled"]
    pub struct Pages<At, F, Fut> {
        fetch: F,
        // Where the page to fetch is, or is being fetched from; `None` after the end.
        at: Option<At>,
        #[pin]
        in_flight: Option<Fut>,
        ahead: bool,
    }
}

impl<At, F, Fut> Pages<At, F, Fut> {
    pub(super) fn new(first: At, fetch: F) -> Self {
        Self { fetch, at: Some(first), in_flight: None, ahead: false }
    }

    /// Fetches the next page, in a task of its own, while the consumer works on this one.
    ///
    /// One page ahead and never more: nothing is fetched before the first poll, and nothing again
    /// after an error until the next poll. Dropping the stream aborts the fetch.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::convert::Infallible;
    /// use async_kit::{Millis, pages};
    /// use futures::TryStreamExt;
    /// use tokio::time::{Instant, sleep};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Infallible> {
    /// async fn fetch(page: u64) -> Result<Vec<u64>, Infallible> {
    ///     sleep(100.ms()).await;
    ///     Ok(if page <= 3 { vec![page] } else { vec![] })
    /// }
    ///
    /// let start = Instant::now();
    /// let mut pages = std::pin::pin!(pages(fetch).prefetch());
    /// while let Some(_) = pages.try_next().await? {
    ///     sleep(100.ms()).await;
    /// }
    /// // Four fetches and three times work would take 700 ms in a row.
    /// assert_eq!(start.elapsed(), 400.ms());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// The stream panics outside a Tokio runtime, and passes a panic of `fetch` on.
    ///
    /// # Cancel safety
    ///
    /// As [`pages`](super::pages()): a cancelled `next` leaves the fetch under way running in its
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
            ahead: true,
        }
    }
}

impl<At, F, Fut> Pages<At, F, Fut>
where
    At: Clone,
    F: FnMut(At) -> Fut,
{
    /// Begins the next fetch unless one is under way or the end was reached.
    fn begin(self: Pin<&mut Self>) {
        let mut this = self.project();
        if let (None, Some(at)) = (&*this.in_flight, &*this.at) {
            let fetch = (this.fetch)(at.clone());
            this.in_flight.set(Some(fetch));
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
        loop {
            self.as_mut().begin();
            let mut this = self.as_mut().project();
            let Some(in_flight) = this.in_flight.as_mut().as_pin_mut() else {
                return Poll::Ready(None);
            };
            let answer = ready!(in_flight.poll(cx));
            this.in_flight.set(None);
            let page = match answer {
                Ok(page) => page,
                Err(error) => return Poll::Ready(Some(Err(error))),
            };
            let at = this.at.take().expect("a fetch under way has a place");
            let (items, next) = page.turn(at);
            *this.at = next;
            if items.is_empty() {
                continue;
            }
            if *this.ahead {
                self.begin();
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
