//! A cursor to the next page saves the last call, which finds nothing.
//!
//! By page number, only an empty page marks the end: a short page may be short because the service
//! left out items that you may not see. A service that returns a cursor with each page knows where
//! its data end, and returns no cursor with the last page. The kit's `pages_by_cursor` follows the
//! cursors. A reader that needs only the items does not need to see pages. asyncio: a second `for`
//! in the generator. Rust: `try_flatten`.

use anyhow::Result;
use async_kit::{Lane, Millis, ask, knob, pages, pages_by_cursor, say};
use futures::{Stream, TryStreamExt, stream};
use tokio::time::sleep;

/// Forty-five items, ten on a page: six calls by number, five by cursor.
pub(crate) async fn run() -> Result<()> {
    let items = knob("items", 45, 0..=100_usize);
    ask("items=50", "does a full last page change the number of calls?");
    read_by_number(items).lane("page client").await?;
    read_by_cursor(items).lane("cursor client").await?;
    Ok(())
}

// ANCHOR: cursor
async fn by_number(items: usize, page: u64) -> Result<Vec<usize>> {
    say!("asks for page {page}");
    sleep(20.ms()).step("fetching").await;
    Ok((0..items).skip((page as usize - 1) * 10).take(10).collect())
}

/// The cursor is the first item of the next page.
async fn by_cursor(
    items: usize,
    cursor: Option<usize>,
) -> Result<(Vec<usize>, Option<usize>)> {
    let start = cursor.unwrap_or(0);
    say!("asks for the page from item {start}");
    sleep(20.ms()).step("fetching").await;
    let end = items.min(start + 10);
    Ok(((start..end).collect(), (end < items).then_some(end)))
}

async fn read_by_number(items: usize) -> Result<Vec<usize>> {
    read_all(pages(|page| by_number(items, page))).await
}

async fn read_by_cursor(items: usize) -> Result<Vec<usize>> {
    read_all(pages_by_cursor(|cursor| by_cursor(items, cursor))).await
}

async fn read_all(pages: impl Stream<Item = Result<Vec<usize>>>) -> Result<Vec<usize>> {
    let items =
        pages.map_ok(|page| stream::iter(page.into_iter().map(anyhow::Ok))).try_flatten();
    let all: Vec<_> = items.try_collect().await?;
    say!("has {} items", all.len());
    Ok(all)
}
// ANCHOR_END: cursor

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// Returns the number of calls. The calls must be sequential, and the items in their order.
    async fn calls(
        items: usize,
        read: impl Future<Output = Result<Vec<usize>>> + Send + 'static,
    ) -> usize {
        let (seen, all) = Transcript::with_output(read).await;
        assert_eq!(all.expect("the service is up"), (0..items).collect::<Vec<_>>());
        let asked = seen.lines().iter().filter(|line| line.text.starts_with("asks"));
        let calls = asked.count();
        assert_eq!(seen.elapsed(), (20 * calls as u64).ms(), "{seen}");
        calls
    }

    #[test]
    fn a_page_without_a_cursor_ends_the_stream_without_another_call() {
        virtual_time(async {
            for (items, by_number, by_cursor) in [(45, 6, 5), (50, 6, 5), (5, 2, 1)] {
                assert_eq!(calls(items, read_by_number(items)).await, by_number);
                assert_eq!(calls(items, read_by_cursor(items)).await, by_cursor);
            }
        });
    }

    #[test]
    fn a_service_without_items_is_called_once_by_number_and_by_cursor() {
        virtual_time(async {
            assert_eq!(calls(0, read_by_number(0)).await, 1);
            assert_eq!(calls(0, read_by_cursor(0)).await, 1);
        });
    }
}
