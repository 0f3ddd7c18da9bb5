//! A paginator is a stream that ends at the first empty page and never yields it.

use std::{
    panic::resume_unwind,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures::stream::{FusedStream, Stream};
use pin_project_lite::pin_project;
use tokio_util::task::AbortOnDropHandle;

/// The pages that `fetch` returns for page 1, 2, 3, … until the first empty one.
///
/// In asyncio this is a class with `__aiter__` and `__anext__`, or an `async` generator, which an
/// error ends for good. Here the stream goes on after an error: the next poll asks for the same
/// page again. Tokio has no counterpart; `futures::stream::try_unfold` ends at an error too.
///
/// The last page is known only by the empty one after it, which costs a call. Where the service
/// says itself what comes next, use [`pages_by_cursor`]. [`Pages::prefetch`] fetches a page while
/// the consumer works on the one before.
///
/// # Examples
///
/// ```
/// use std::convert::Infallible;
/// use async_kit::pages;
/// use futures::{StreamExt, TryStreamExt, stream};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Infallible> {
/// // 25 items, ten on a page.
/// async fn fetch(page: u64) -> Result<Vec<u64>, Infallible> {
///     Ok((0..25).skip((page as usize - 1) * 10).take(10).collect())
/// }
///
/// let mut lengths = Vec::new();
/// let mut users = pages(fetch).boxed();
/// while let Some(page) = users.try_next().await? {
///     lengths.push(page.len());
/// }
/// assert_eq!(lengths, [10, 10, 5]);
///
/// // Item by item:
/// let items = pages(fetch).map_ok(|page| stream::iter(page).map(Ok::<_, Infallible>));
/// let all: Vec<_> = items.try_flatten().try_collect().await?;
/// assert_eq!(all, (0..25).collect::<Vec<_>>());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// The stream yields an error of `fetch` and stays where it is. A loop that passes over errors
/// without a bound never ends when the service is down: leave at the first (`try_next().await?`),
/// or retry inside `fetch`.
///
/// # Cancel safety
///
/// Cancel safe: a fetch under way is kept in the stream, not in the future of `next`, so it is
/// neither lost nor begun twice. Dropping the stream drops it.
pub fn pages<T, E, F, Fut>(fetch: F) -> Pages<u64, F, Fut>
where
    F: FnMut(u64) -> Fut,
    Fut: Future<Output = Result<Vec<T>, E>>,
{
    Pages::new(1, fetch)
}

/// The pages that `fetch` returns, each of which names the cursor of the next.
///
/// `fetch` is called with `None` for the first page. It returns the items and the cursor of the
/// next page, or `None` with the last: then no call is wasted on an empty page. In everything
/// else like [`pages`]: an empty page ends the stream, whatever cursor comes with it. A service
/// that may send an empty page in the middle needs a `fetch` that asks on until it has items.
///
/// # Examples
///
/// ```
/// use std::convert::Infallible;
/// use async_kit::pages_by_cursor;
/// use futures::TryStreamExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Infallible> {
/// async fn fetch(after: Option<char>) -> Result<(Vec<char>, Option<char>), Infallible> {
///     Ok(match after {
///         None => (vec!['a', 'b'], Some('b')),
///         Some(_) => (vec!['c'], None),
///     })
/// }
///
/// let pages: Vec<_> = pages_by_cursor(fetch).try_collect().await?;
/// assert_eq!(pages, [vec!['a', 'b'], vec!['c']]);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// As [`pages`].
///
/// # Cancel safety
///
/// As [`pages`].
pub fn pages_by_cursor<C, T, E, F, Fut>(fetch: F) -> Pages<Option<C>, F, Fut>
where
    C: Clone,
    F: FnMut(Option<C>) -> Fut,
    Fut: Future<Output = Result<(Vec<T>, Option<C>), E>>,
{
    Pages::new(None, fetch)
}

/// What a fetch may answer: items, and where to go on.
pub trait Page<At> {
    /// What is on the page.
    type Item;
    /// The items, and where the next page is; `None` after the last.
    fn turn(self, at: At) -> (Vec<Self::Item>, Option<At>);
}

/// A numbered page: the next one has the next number.
impl<T> Page<u64> for Vec<T> {
    type Item = T;

    fn turn(self, number: u64) -> (Vec<T>, Option<u64>) {
        (self, number.checked_add(1))
    }
}

/// A page that comes with the cursor of the next.
impl<T, C> Page<Option<C>> for (Vec<T>, Option<C>) {
    type Item = T;

    fn turn(self, _: Option<C>) -> (Vec<T>, Option<Option<C>>) {
        (self.0, self.1.map(Some))
    }
}

pin_project! {
    /// The stream of [`pages`] and [`pages_by_cursor`].
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
    fn new(first: At, fetch: F) -> Self {
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
        if items.is_empty() {
            return Poll::Ready(None);
        }
        *this.at = next;
        if *this.ahead {
            self.begin();
        }
        Poll::Ready(Some(Ok(items)))
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

/// A fetch in a task of its own, which ends with it.
///
/// A future that nobody polls stands still, so a fetch kept in the stream would not move while
/// the consumer awaits something else.
#[derive(Debug)]
pub struct InTask<O>(AbortOnDropHandle<O>);

impl<O: Send + 'static> InTask<O> {
    fn spawn(fetch: impl Future<Output = O> + Send + 'static) -> Self {
        Self(AbortOnDropHandle::new(tokio::spawn(fetch)))
    }
}

impl<O> Future for InTask<O> {
    type Output = O;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<O> {
        let error = match ready!(Pin::new(&mut self.0).poll(cx)) {
            Ok(output) => return Poll::Ready(output),
            Err(error) => error,
        };
        match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // Nobody but this handle aborts the task, so its runtime is gone.
            Err(error) => panic!("the next page was being fetched: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        panic::AssertUnwindSafe,
        pin::pin,
        sync::{Arc, Mutex},
        time::Duration,
    };

    use futures::{FutureExt, StreamExt};
    use tokio::time::{Instant, sleep, timeout};

    use super::*;
    use crate::patterns::by_hand::ByHand;

    const FETCH: Duration = Duration::from_millis(200);

    /// A service with so many items, ten on a page; it notes every call.
    #[derive(Clone, Default)]
    struct Service {
        items: usize,
        calls: Arc<Mutex<Vec<u64>>>,
        fails_once_at: Option<u64>,
    }

    impl Service {
        fn with(items: usize) -> Self {
            Self { items, ..Self::default() }
        }

        fn calls(&self) -> Vec<u64> {
            self.calls.lock().unwrap().clone()
        }

        async fn fetch(self, page: u64) -> Result<Vec<usize>, String> {
            let failed_before = self.calls().contains(&page);
            self.calls.lock().unwrap().push(page);
            sleep(FETCH / 2).await;
            // A second await, so that a fetch nobody polls would be seen to stand still.
            sleep(FETCH / 2).await;
            if self.fails_once_at == Some(page) && !failed_before {
                return Err(format!("page {page} flaked"));
            }
            let first = (page as usize - 1) * 10;
            Ok((first..self.items.min(first + 10)).collect())
        }

        /// Knows from a short page that it is the last.
        async fn fetch_after(self, page: Option<u64>) -> Result<Answer, String> {
            let page = page.unwrap_or(1);
            let items = self.fetch(page).await?;
            let next = (items.len() == 10).then_some(page + 1);
            Ok((items, next))
        }
    }

    type Answer = (Vec<usize>, Option<u64>);

    /// The length of every page, or the error in its place.
    async fn seen<E>(
        pages: impl Stream<Item = Result<Vec<usize>, E>>,
    ) -> Vec<Result<usize, E>> {
        let lengths = pages.map(|page| page.map(|items| items.len()));
        timeout(Duration::from_secs(60), lengths.collect()).await.expect("the end came")
    }

    #[tokio::test(start_paused = true)]
    async fn the_empty_page_ends_the_stream_and_is_not_yielded() {
        let service = Service::with(50);
        let start = Instant::now();
        let mut pages = pin!(pages(|page| service.clone().fetch(page)));
        assert_eq!(seen(pages.as_mut()).await, vec![Ok(10); 5]);
        assert_eq!(service.calls(), [1, 2, 3, 4, 5, 6]);
        assert_eq!(start.elapsed(), FETCH * 6);
        assert!(pages.is_terminated());
        assert_eq!(pages.next().await, None, "the end is repeated");
        assert_eq!(service.calls().len(), 6, "and costs no further call");
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_to_page_through_is_an_empty_stream() {
        let service = Service::with(0);
        assert_eq!(seen(pages(|page| service.clone().fetch(page))).await, []);
        assert_eq!(service.calls(), [1]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_cursor_saves_the_call_for_an_empty_page() {
        let service = Service::with(24);
        let pages = pages_by_cursor(|page| service.clone().fetch_after(page));
        assert_eq!(seen(pages).await, [Ok(10), Ok(10), Ok(4)]);
        assert_eq!(service.calls(), [1, 2, 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_empty_page_ends_the_stream_even_with_a_cursor() {
        let mut calls = 0;
        let endless = pages_by_cursor(|at: Option<u32>| {
            calls += 1;
            let items = if at < Some(2) { vec![0] } else { vec![] };
            async move { Ok::<_, ()>((items, Some(at.unwrap_or(0) + 1))) }
        });
        assert_eq!(seen(endless).await, [Ok(1), Ok(1)]);
        assert_eq!(calls, 3);
    }

    #[tokio::test(start_paused = true)]
    async fn after_an_error_the_same_page_is_fetched_again() {
        for prefetch in [false, true] {
            let service = Service { fails_once_at: Some(2), ..Service::with(25) };
            let fetched = service.clone();
            let pages = pages(move |page| fetched.clone().fetch(page));
            let seen =
                if prefetch { seen(pages.prefetch()).await } else { seen(pages).await };
            let flaked = Err("page 2 flaked".to_owned());
            assert_eq!(seen, [Ok(10), flaked, Ok(10), Ok(5)], "prefetch: {prefetch}");
            assert_eq!(service.calls(), [1, 2, 2, 3, 4], "prefetch: {prefetch}");
        }
    }

    /// ```text
    /// 0      200    400    600    800
    /// fetch1 fetch2 fetch3 fetch4(empty)
    ///        work1  work2  work3  ✓
    /// ```
    #[tokio::test(start_paused = true)]
    async fn a_prefetched_page_is_fetched_during_the_work_on_the_one_before() {
        let service = Service::with(30);
        let fetched = service.clone();
        let mut pages = pin!(pages(move |page| fetched.clone().fetch(page)).prefetch());
        let start = Instant::now();
        tokio::task::yield_now().await;
        assert_eq!(service.calls(), [0; 0], "nothing before the first poll");
        let mut number = 0;
        while let Some(page) = pages.next().await {
            number += 1;
            page.unwrap();
            sleep(FETCH).await;
            assert_eq!(service.calls().len(), number + 1, "one page ahead, never more");
        }
        assert_eq!(start.elapsed(), FETCH * 4);
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_is_not_fetched_again_before_the_consumer_asks() {
        let service = Service { fails_once_at: Some(2), ..Service::with(30) };
        let fetched = service.clone();
        let mut pages = pin!(pages(move |page| fetched.clone().fetch(page)).prefetch());
        pages.next().await.unwrap().unwrap();
        pages.next().await.unwrap().unwrap_err();
        sleep(FETCH * 10).await;
        assert_eq!(service.calls(), [1, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn dropping_the_stream_aborts_the_prefetch() {
        let finished = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&finished);
        let mut pages = Box::pin(
            pages(move |page| {
                let notes = Arc::clone(&notes);
                async move {
                    sleep(FETCH).await;
                    notes.lock().unwrap().push(page);
                    Ok::<_, ()>(vec![page])
                }
            })
            .prefetch(),
        );
        pages.next().await.unwrap().unwrap();
        sleep(FETCH / 2).await;
        drop(pages);
        sleep(FETCH * 10).await;
        assert_eq!(*finished.lock().unwrap(), [1]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_of_a_prefetch_reaches_the_consumer() {
        let fetch = |page: u64| async move {
            assert_eq!(page, 1, "no such page");
            Ok::<_, ()>(vec![page])
        };
        let mut pages = pin!(pages(fetch).prefetch());
        pages.next().await.unwrap().unwrap();
        let panic = AssertUnwindSafe(pages.next()).catch_unwind().await.unwrap_err();
        assert!(panic.downcast_ref::<String>().unwrap().contains("no such page"));
    }

    /// Drops `next` before its first poll, at every `Pending`, and after it was woken.
    #[tokio::test(start_paused = true)]
    async fn a_cancelled_next_neither_loses_a_page_nor_fetches_it_twice() {
        for prefetch in [false, true] {
            let service = Service::with(25);
            let fetched = service.clone();
            let plain = pages(move |page| fetched.clone().fetch(page));
            let (seen, cuts) = if prefetch {
                cut_everywhere(plain.prefetch()).await
            } else {
                cut_everywhere(plain).await
            };
            assert_eq!(seen, [10, 10, 5], "prefetch: {prefetch}");
            assert_eq!(service.calls(), [1, 2, 3, 4], "prefetch: {prefetch}");
            assert!(cuts >= 4, "only {cuts} cuts, prefetch: {prefetch}");
        }
    }

    async fn cut_everywhere(
        pages: impl Stream<Item = Result<Vec<usize>, String>>,
    ) -> (Vec<usize>, usize) {
        let mut pages = pin!(pages);
        let (mut seen, mut cuts) = (Vec::new(), 0);
        while cuts < 100 {
            drop(pages.next());
            let mut cut = ByHand::new(pages.next());
            match cut.poll() {
                Poll::Ready(Some(page)) => seen.push(page.unwrap().len()),
                Poll::Ready(None) => return (seen, cuts),
                Poll::Pending => {
                    cuts += 1;
                    // Every other cut comes at once, before anything can have woken it.
                    if cuts % 2 == 0 {
                        sleep(FETCH * 2).await;
                        assert!(cut.is_woken(), "the fetch moved on by itself");
                    }
                }
            }
        }
        panic!("stuck after {seen:?}");
    }
}
