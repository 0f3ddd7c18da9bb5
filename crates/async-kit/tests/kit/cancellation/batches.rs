//! A cancelled `next` of a stream loses no item, and a cancelled caller affects no other caller.

use std::{convert::Infallible, num::NonZeroUsize, pin::Pin};

use async_kit::{
    BatchExt, Batcher, Millis, cancel_at_every_await, in_batches, pages, pages_by_cursor,
};
use futures::{Stream, StreamExt, stream};
use tokio::{
    sync::Mutex,
    time::{sleep, timeout},
};

const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();

type Shared<T> = Mutex<Pin<Box<dyn Stream<Item = T>>>>;

/// The numbers 0 to 4, one every 10 ms.
fn numbers() -> impl Stream<Item = u64> {
    stream::iter(0..5).then(async |n| {
        sleep(10.ms()).await;
        n
    })
}

async fn rest<T>(stream: &Shared<T>) -> Vec<T> {
    stream.lock().await.by_ref().collect().await
}

#[test]
fn a_cancelled_next_of_batches_loses_no_item() {
    let cuts = cancel_at_every_await(
        async || -> Shared<Vec<u64>> {
            Mutex::new(numbers().batches(TWO, 15.ms()).boxed_local())
        },
        async |stream| stream.lock().await.next().await,
        async |stream, cut| {
            assert_eq!(rest(stream).await.concat(), [0, 1, 2, 3, 4], "{cut}")
        },
    );
    assert!(cuts >= 3, "{cuts}");
}

#[test]
fn a_cancelled_next_of_in_batches_loses_no_result() {
    async fn work(items: Vec<u64>) -> Vec<u64> {
        sleep(10.ms()).await;
        items
    }
    let cuts = cancel_at_every_await(
        async || -> Shared<u64> {
            Mutex::new(in_batches(numbers(), TWO, TWO, work).boxed_local())
        },
        async |stream| stream.lock().await.next().await,
        async |stream, cut| assert_eq!(rest(stream).await, [0, 1, 2, 3, 4], "{cut}"),
    );
    assert!(cuts >= 3, "{cuts}");
}

/// Returns the pages 1 to 3, and an empty page after them.
async fn fetch(page: u64) -> Result<Vec<u64>, Infallible> {
    sleep(10.ms()).await;
    Ok(if page <= 3 { vec![page] } else { vec![] })
}

/// Returns the same pages with cursors. The last page has no cursor.
async fn fetch_after(page: Option<u64>) -> Result<(Vec<u64>, Option<u64>), Infallible> {
    let page = page.unwrap_or(1);
    Ok((fetch(page).await?, (page < 3).then_some(page + 1)))
}

#[track_caller]
fn assert_loses_no_page<S>(stream_of_pages: impl Fn() -> S)
where
    S: Stream<Item = Result<Vec<u64>, Infallible>> + 'static,
{
    let cuts = cancel_at_every_await(
        async || Mutex::new(stream_of_pages().boxed_local()),
        async |stream| stream.lock().await.next().await,
        async |stream, cut| {
            let pages: Vec<_> = rest(stream).await.into_iter().flatten().collect();
            assert_eq!(pages.concat(), [1, 2, 3], "{cut}");
        },
    );
    assert_eq!(cuts, 3);
}

#[test]
fn a_cancelled_next_of_pages_loses_no_page() {
    assert_loses_no_page(|| pages(fetch));
    assert_loses_no_page(|| pages(fetch).prefetch());
}

#[test]
fn a_cancelled_next_of_pages_by_cursor_loses_no_page() {
    assert_loses_no_page(|| pages_by_cursor(fetch_after));
    assert_loses_no_page(|| pages_by_cursor(fetch_after).prefetch());
}

#[test]
fn a_cancelled_submit_does_not_affect_other_callers() {
    let cuts = cancel_at_every_await(
        async || {
            let batcher = Batcher::new(TWO, 10.ms(), async |items: Vec<u64>| {
                sleep(10.ms()).await;
                items.iter().map(|n| n * 10).collect()
            });
            let other = batcher.clone();
            (
                batcher,
                Mutex::new(Some(tokio::spawn(async move { other.submit(7).await }))),
            )
        },
        async |(batcher, _)| batcher.submit(1).await,
        async |(batcher, other), cut| {
            let other = other.lock().await.take().expect("checked once");
            assert_eq!(other.await.unwrap(), Ok(70), "{cut}");
            assert_eq!(timeout(1.secs(), batcher.submit(2)).await, Ok(Ok(20)), "{cut}");
        },
    );
    assert!(cuts >= 3, "{cuts}");
}

#[test]
fn a_cancelled_close_of_a_batcher_still_closes_it() {
    let cuts = cancel_at_every_await(
        async || {
            let batcher = Batcher::new(TWO, 10.ms(), async |items: Vec<u64>| {
                sleep(10.ms()).await;
                items
            });
            let caller = batcher.clone();
            let task = tokio::spawn(async move { caller.submit(7).await });
            sleep(1.ms()).await;
            (batcher, Mutex::new(Some(task)))
        },
        async |(batcher, _)| batcher.close().await,
        async |(batcher, task), cut| {
            let task = task.lock().await.take().expect("checked once");
            assert_eq!(task.await.unwrap(), Ok(7), "{cut}: a submitted item was lost");
            timeout(1.secs(), batcher.close()).await.expect("it closes");
        },
    );
    assert!(cuts >= 3, "{cuts}");
}
