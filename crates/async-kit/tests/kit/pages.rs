//! A stream of pages fetches each page once, in order, and fetches a failed page again.

use std::{
    future::ready,
    panic::AssertUnwindSafe,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    task::Poll,
    time::Duration,
};

use async_kit::{monitor::panic_text, pages, pages_by_cursor};
use futures::{FutureExt, Stream, StreamExt, stream::FusedStream};
use tokio::{
    task::yield_now,
    time::{Instant, sleep, timeout},
};

use crate::manual_task::ManualTask;

const FETCH: Duration = Duration::from_millis(200);

/// A service with ten items on a page, which records every call.
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
        // A second await, so that the tests notice if a fetch makes no progress without being polled.
        sleep(FETCH / 2).await;
        if self.fails_once_at == Some(page) && !failed_before {
            return Err(format!("page {page} failed"));
        }
        let first = (page as usize - 1) * 10;
        Ok((first..self.items.min(first + 10)).collect())
    }

    /// Returns no cursor if the page is not full.
    async fn fetch_after(self, page: Option<u64>) -> Result<CursorPage, String> {
        let page = page.unwrap_or(1);
        let items = self.fetch(page).await?;
        let next = (items.len() == 10).then_some(page + 1);
        Ok((items, next))
    }
}

type CursorPage = (Vec<usize>, Option<u64>);

/// Returns the length of every page, or its error.
async fn seen<E>(
    pages: impl Stream<Item = Result<Vec<usize>, E>>,
) -> Vec<Result<usize, E>> {
    let lengths = pages.map(|page| page.map(|items| items.len()));
    timeout(Duration::from_secs(60), lengths.collect()).await.expect("the stream ended")
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
    assert_eq!(pages.next().await, None, "the stream did not end a second time");
    assert_eq!(service.calls().len(), 6, "there was a call after the end");
}

#[tokio::test(start_paused = true)]
async fn a_service_without_items_is_an_empty_stream() {
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

/// The cursor of the first page is 1, which is the index of the second. The last page has no cursor.
async fn seen_by_cursor(pages: &'static [usize]) -> Vec<Result<usize, ()>> {
    seen(pages_by_cursor(async |at: Option<usize>| {
        let page = at.unwrap_or(0);
        let next = (page + 1 < pages.len()).then_some(page + 1);
        Ok::<_, ()>((vec![0; pages[page]], next))
    }))
    .await
}

#[tokio::test(start_paused = true)]
async fn empty_pages_with_a_cursor_are_followed_and_not_yielded() {
    assert_eq!(seen_by_cursor(&[2, 0, 0, 3]).await, [Ok(2), Ok(3)]);
    assert_eq!(seen_by_cursor(&[0, 1, 0]).await, [Ok(1)]);
    assert_eq!(seen_by_cursor(&[0]).await, []);
}

#[tokio::test(start_paused = true)]
async fn after_an_error_the_same_page_is_fetched_again() {
    for prefetch in [false, true] {
        let service = Service { fails_once_at: Some(2), ..Service::with(25) };
        let fetched = service.clone();
        let pages = pages(move |page| fetched.clone().fetch(page));
        let seen =
            if prefetch { seen(pages.prefetch()).await } else { seen(pages).await };
        let failed = Err("page 2 failed".to_owned());
        assert_eq!(seen, [Ok(10), failed, Ok(10), Ok(5)], "prefetch: {prefetch}");
        assert_eq!(service.calls(), [1, 2, 2, 3, 4], "prefetch: {prefetch}");
    }
}

/// No fetch ever waits.
#[tokio::test(start_paused = true)]
async fn a_service_of_nothing_but_empty_pages_does_not_starve_other_tasks() {
    let calls = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&calls);
    let following = tokio::spawn(seen(pages_by_cursor(move |after: Option<u64>| {
        let call = counted.fetch_add(1, Ordering::Relaxed);
        // The end makes this test fail, and not hang, if the stream never yields.
        let next = (call < 10_000).then_some(after.unwrap_or(0) + 1);
        ready(Ok::<_, ()>((vec![], next)))
    })));
    yield_now().await;
    following.abort();
    let calls = calls.load(Ordering::Relaxed);
    assert!((1..10_000).contains(&calls), "{calls} fetches without a yield");
}

/// ```text
/// 0      200    400    600    800
/// fetch1 fetch2 fetch3 fetch4(empty)
///        work1  work2  work3  ✓
/// ```
#[tokio::test(start_paused = true)]
async fn a_page_is_prefetched_during_the_work_on_the_page_before() {
    let service = Service::with(30);
    let fetched = service.clone();
    let mut pages = pin!(pages(move |page| fetched.clone().fetch(page)).prefetch());
    let start = Instant::now();
    yield_now().await;
    assert_eq!(service.calls(), [0; 0], "a fetch began before the first poll");
    let mut number = 0;
    while let Some(page) = pages.next().await {
        number += 1;
        page.unwrap();
        sleep(FETCH).await;
        assert_eq!(service.calls().len(), number + 1, "exactly one page ahead");
    }
    assert_eq!(start.elapsed(), FETCH * 4);
}

#[tokio::test(start_paused = true)]
async fn a_failed_page_is_not_fetched_again_before_the_next_poll() {
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
    let pages_done = Arc::clone(&finished);
    let mut pages = Box::pin(
        pages(move |page| {
            let pages_done = Arc::clone(&pages_done);
            async move {
                sleep(FETCH).await;
                pages_done.lock().unwrap().push(page);
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
    assert!(panic_text(&*panic).contains("no such page"));
}

/// A page number or a cursor: what `fetch` is called with.
#[derive(Debug)]
struct PanicsWhenCloned(u64);

impl Clone for PanicsWhenCloned {
    fn clone(&self) -> Self {
        assert_ne!(self.0, 2, "no second page");
        Self(self.0)
    }
}

/// The calls are outside every task: only the future that they return runs in one.
#[tokio::test(start_paused = true)]
async fn a_page_that_has_arrived_is_yielded_before_the_panic_of_the_next_call() {
    let by_number = pages(|page: u64| {
        assert_ne!(page, 2, "no second page");
        async move { Ok::<_, ()>(vec![page]) }
    });
    yields_one_page_and_then_panics(by_number.prefetch()).await;
    let by_cursor = pages_by_cursor(|_: Option<PanicsWhenCloned>| async {
        Ok::<_, ()>((vec![1], Some(PanicsWhenCloned(2))))
    });
    yields_one_page_and_then_panics(by_cursor.prefetch()).await;
}

async fn yields_one_page_and_then_panics(
    pages: impl FusedStream<Item = Result<Vec<u64>, ()>>,
) {
    let mut pages = pin!(pages);
    assert_eq!(pages.next().await, Some(Ok(vec![1])));
    // The position is kept, so every later poll calls `fetch` for the same page again.
    for _ in 0..2 {
        assert!(!pages.is_terminated());
        let panic = AssertUnwindSafe(pages.next()).catch_unwind().await.unwrap_err();
        assert!(panic_text(&*panic).contains("no second page"));
    }
}

/// Drops `next` before its first poll, at every `Pending`, and after it was woken.
#[tokio::test(start_paused = true)]
async fn after_a_cancelled_next_each_page_is_still_fetched_once() {
    for prefetch in [false, true] {
        let service = Service::with(25);
        let fetched = service.clone();
        let plain = pages(move |page| fetched.clone().fetch(page));
        let (seen, drops) = if prefetch {
            cancel_every_next(plain.prefetch()).await
        } else {
            cancel_every_next(plain).await
        };
        assert_eq!(seen, [10, 10, 5], "prefetch: {prefetch}");
        assert_eq!(service.calls(), [1, 2, 3, 4], "prefetch: {prefetch}");
        assert!(drops >= 4, "only {drops} cancellations, prefetch: {prefetch}");
    }
}

async fn cancel_every_next(
    pages: impl Stream<Item = Result<Vec<usize>, String>>,
) -> (Vec<usize>, usize) {
    let mut pages = pin!(pages);
    let (mut seen, mut drops) = (Vec::new(), 0);
    while drops < 100 {
        drop(pages.next());
        let mut next = ManualTask::new(pages.next());
        match next.poll() {
            Poll::Ready(Some(page)) => seen.push(page.unwrap().len()),
            Poll::Ready(None) => return (seen, drops),
            Poll::Pending => {
                drops += 1;
                // In alternate rounds `next` is dropped immediately, before it can have been woken.
                if drops % 2 == 0 {
                    sleep(FETCH * 2).await;
                    assert!(next.is_woken(), "the fetch made no progress");
                }
            }
        }
    }
    panic!("stuck after {seen:?}");
}
