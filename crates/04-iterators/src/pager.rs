//! A paginator yields all pages before the first empty page, and then ends.
//!
//! asyncio: an asynchronous generator around `fetch`. With the crate `futures`: `stream::try_unfold`.
//! Both yield nothing more after an error. The kit's `pages` asks for the same page again, and
//! `prefetch` asks for the next page while you work on this one.

use std::pin::pin;

use anyhow::ensure;
use async_kit::{Lane, Millis, ask, knob, pages, say};
use futures::{Stream, StreamExt, TryStreamExt, stream};
use tokio::time::sleep;

/// Fifty items, ten on a page. Fetching a page takes 20 ms, and working on it takes another 20 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let items = knob("items", 50, 0..=100_usize);
    ask("items=35", "is a page of 5 items the last one, or does a reader ask again?");
    work_through(one_by_one(items)).lane("plain reader").await?;
    work_through(prefetched(items)).lane("prefetching reader").await?;
    retry_after_an_error().lane("retrying reader").await
}

// ANCHOR: pager
async fn fetch(items: usize, page: u64) -> anyhow::Result<Vec<usize>> {
    sleep(20.ms()).await;
    Ok((0..items).skip((page as usize - 1) * 10).take(10).collect())
}

fn one_by_one(items: usize) -> impl Stream<Item = anyhow::Result<Vec<usize>>> {
    stream::try_unfold(1, move |page| async move {
        let found = fetch(items, page).await?;
        Ok((!found.is_empty()).then_some((found, page + 1)))
    })
}

fn prefetched(items: usize) -> impl Stream<Item = anyhow::Result<Vec<usize>>> {
    pages(move |page| fetch(items, page)).prefetch()
}

async fn work_through(
    pages: impl Stream<Item = anyhow::Result<Vec<usize>>>,
) -> anyhow::Result<()> {
    let mut pages = pin!(pages);
    let mut count = 0;
    while let Some(page) = pages.try_next().await? {
        count += 1;
        say!("gets page {count}: {} items", page.len());
        sleep(20.ms()).step("working").await;
    }
    say!("gets no more pages");
    Ok(())
}
// ANCHOR_END: pager

/// The service fails once, on page 2; the next poll asks for page 2 again.
async fn retry_after_an_error() -> anyhow::Result<()> {
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
            Ok(page) => say!("gets {} items, from {}", page.len(), page[0]),
            Err(error) => say!("asks again after an error: {error}"),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

    use async_kit::{Transcript, virtual_time};
    use tokio::time::Instant;

    use super::*;

    #[test]
    fn fifty_items_are_five_pages_and_the_empty_sixth_is_not_yielded() {
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
    fn a_plain_unfold_yields_the_same_pages_with_the_same_number_of_calls() {
        virtual_time(async {
            let start = Instant::now();
            let pages: Vec<_> = one_by_one(50).try_collect().await.expect("no error");
            assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [10; 5]);
            assert_eq!(start.elapsed(), (6 * 20).ms(), "six calls");
        });
    }

    #[test]
    fn a_plain_unfold_yields_nothing_after_an_error() {
        virtual_time(async {
            let mut pages = pin!(stream::try_unfold(1, |page| async move {
                ensure!(page != 2, "the service is down");
                Ok(Some((fetch(25, page).await?, page + 1)))
            }));
            assert!(pages.next().await.is_some_and(|page| page.is_ok()));
            assert!(pages.next().await.is_some_and(|page| page.is_err()));
            assert!(pages.next().await.is_none());
        });
    }

    #[test]
    fn fetching_ahead_hides_every_fetch_but_the_first() {
        virtual_time(async {
            let seen = Transcript::of(work_through(one_by_one(50))).await;
            assert_eq!(seen.elapsed(), (6 * 20 + 5 * 20).ms(), "{seen}");
            let seen = Transcript::of(work_through(prefetched(50))).await;
            assert_eq!(seen.elapsed(), (20 + 5 * 20).ms(), "{seen}");
        });
    }

    #[test]
    fn the_page_that_failed_is_asked_for_again() {
        virtual_time(async {
            Transcript::of(retry_after_an_error()).await.assert_lines([
                "[  0.020s] gets 10 items, from 0",
                "[  0.020s] asks again after an error: the service is down",
                "[  0.040s] gets 10 items, from 10",
                "[  0.060s] gets 5 items, from 20",
            ]);
        });
    }
}
