//! A stream of pages ends at the first empty page, which it does not yield.

mod in_task;
mod page;
mod stream;

pub use self::{in_task::InTask, page::Page, stream::Pages};

/// Makes a stream of the pages that `fetch` returns for 1, 2, 3, … until the first empty page.
///
/// In asyncio this is a class with `__aiter__` and `__anext__`, or an `async` generator, which ends
/// at the first error. This stream continues after an error: the next poll fetches the same page
/// again. Tokio has no counterpart; `futures::stream::try_unfold` ends at an error too.
///
/// # Last page
///
/// Only an empty page shows that the page before it was the last one, which costs a call. If the
/// service itself names the next page, use [`pages_by_cursor`]. A service that ignores the number never
/// returns an empty page, so the stream never ends: limit it with `take`.
///
/// # Prefetch
///
/// [`Pages::prefetch`] fetches the next page while the consumer works on this one.
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
/// The stream yields an error of `fetch` and stays at the same page. A loop that ignores errors
/// without a limit never ends while the service is down: return at the first error
/// (`try_next().await?`), or retry inside `fetch`.
///
/// # Cancel safety
///
/// Cancel safe: a fetch in flight is kept in the stream, not in the future of `next`, so it is not
/// lost and not begun twice. Dropping the stream drops it.
pub fn pages<T, E, F, Fut>(fetch: F) -> Pages<u64, F, Fut>
where
    F: FnMut(u64) -> Fut,
    Fut: Future<Output = Result<Vec<T>, E>>,
{
    Pages::new(1, fetch)
}

/// Makes a stream of the pages that `fetch` returns, each with the cursor of the next page.
///
/// Otherwise it behaves like [`pages`].
///
/// # Last page
///
/// `fetch` is called with `None` for the first page. It returns the items and the cursor of the next
/// page, or `None` with the last page. So no call is needed for an empty page.
///
/// Cursors are not compared. If the service returns one that it returned before, the same pages follow
/// again, and the stream never ends: compare them in `fetch`, or limit the stream with `take`.
///
/// # Empty pages
///
/// An empty page with a cursor is not the end, because a service may filter out all items of a page.
/// The page is not yielded, and the stream follows its cursor.
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
