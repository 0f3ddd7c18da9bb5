//! A paginator yields pages until the first empty one, and never the empty one itself.
//!
//! asyncio: an asynchronous generator around `fetch`; an error ends it for good, and the empty
//! page is easily handed on. With plain futures: `stream::try_unfold`, which also ends at an
//! error. The kit's `pages` asks for the same page again, and `prefetch` asks for the next page
//! while you work on this one.

use std::pin::pin;

use anyhow::ensure;
use async_kit::{Lane, Millis, knob, pages, say};
use futures::{Stream, StreamExt, TryStreamExt};
use tokio::time::sleep;

/// Fifty items, ten on a page; to fetch a page takes 20 ms, to work on it 20 more.
pub(crate) async fn run() -> anyhow::Result<()> {
    let items = knob("items", 50, 0..=100_usize);
    work_through(pages(move |page| fetch(items, page))).lane("one by one").await?;
    work_through(pages(move |page| fetch(items, page)).prefetch())
        .lane("fetched ahead")
        .await?;
    again_after_an_error().lane("after an error").await
}

// ANCHOR: pager
async fn fetch(items: usize, page: u64) -> anyhow::Result<Vec<usize>> {
    sleep(20.ms()).await;
    Ok((0..items).skip((page as usize - 1) * 10).take(10).collect())
}

async fn work_through(
    pages: impl Stream<Item = anyhow::Result<Vec<usize>>>,
) -> anyhow::Result<()> {
    let mut pages = pin!(pages);
    let mut count = 0;
    while let Some(page) = pages.try_next().await? {
        count += 1;
        say!("page {count}: {} items", page.len());
        sleep(20.ms()).step("working").await;
    }
    say!("no more pages");
    Ok(())
}
// ANCHOR_END: pager

/// The service fails once, on page 2; the next poll asks for page 2 again.
async fn again_after_an_error() -> anyhow::Result<()> {
    let mut failures = 1;
    let mut pages = pin!(pages(move |page| {
        let fails = page == 2 && failures > 0;
        failures -= usize::from(fails);
        async move {
            ensure!(!fails, "the service is down");
            fetch(25, page).await
        }
    }));
    while let Some(page) = pages.next().await {
        match page {
            Ok(page) => say!("{} items, from {}", page.len(), page[0]),
            Err(error) => say!("{error}; asks again"),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn fifty_items_are_five_pages_and_the_empty_sixth_is_not_one() {
        static CALLS: AtomicU64 = AtomicU64::new(0);
        virtual_time(async {
            let counted = |page| {
                CALLS.fetch_add(1, Relaxed);
                fetch(50, page)
            };
            let all: Vec<_> =
                pages(counted).map(|page| page.unwrap().len()).collect().await;
            assert_eq!(all, [10; 5]);
            assert_eq!(CALLS.load(Relaxed), 6);
        });
    }

    #[test]
    fn fetching_ahead_hides_every_fetch_but_the_first() {
        virtual_time(async {
            let by_page = work_through(pages(|page| fetch(50, page)));
            let seen = Transcript::of(by_page).await;
            assert_eq!(seen.elapsed(), (6 * 20 + 5 * 20).ms(), "{seen}");
            let ahead = work_through(pages(|page| fetch(50, page)).prefetch());
            let seen = Transcript::of(ahead).await;
            assert_eq!(seen.elapsed(), (20 + 5 * 20).ms(), "{seen}");
        });
    }

    #[test]
    fn the_page_that_failed_is_asked_for_again() {
        virtual_time(async {
            Transcript::of(again_after_an_error()).await.assert_lines([
                "[  0.020s] 10 items, from 0",
                "[  0.020s] the service is down; asks again",
                "[  0.040s] 10 items, from 10",
                "[  0.060s] 5 items, from 20",
            ]);
        });
    }
}
