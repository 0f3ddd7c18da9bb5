//! A paginator is a stream that ends at the first empty page and never yields it.

mod in_task;
mod page;
mod stream;
#[cfg(test)]
mod tests;

pub use self::{in_task::InTask, page::Page, stream::Pages};

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
/// next page, or `None` with the last: then no call is wasted on an empty page. An empty page that
/// names a next one is not the end: a service may have left out all that was on it. It is not
/// yielded, and the cursor is followed. In everything else like [`pages`].
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
