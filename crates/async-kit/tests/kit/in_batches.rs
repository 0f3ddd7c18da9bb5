//! Every item has its own result, in order, whatever happens to other items of its chunk.

use std::{
    future,
    num::NonZeroUsize,
    panic::AssertUnwindSafe,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use async_kit::{in_batches, monitor::panic_text};
use futures::{
    FutureExt,
    future::join_all,
    stream::{self, Stream, StreamExt},
};
use tokio::{
    task::yield_now,
    time::{Instant, sleep, timeout},
};

use crate::manual_task::ManualTask;

const STEP: Duration = Duration::from_millis(100);

fn n(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

async fn all<S: Stream>(stream: S) -> Vec<S::Item> {
    timeout(Duration::from_secs(60), stream.collect()).await.expect("it ended")
}

async fn slowly_doubled(item: u64) -> u64 {
    sleep(STEP).await;
    item * 2
}

async fn one_by_one(items: Vec<u64>) -> Vec<u64> {
    stream::iter(items).then(slowly_doubled).collect().await
}

async fn concurrently(items: Vec<u64>) -> Vec<u64> {
    join_all(items.into_iter().map(slowly_doubled)).await
}

/// ```text
/// 0      100    200    300    400    500
///   0 ──── 1 ──── 2 ──── 3 ──── 4 ───✓
///   5 ──── 6 ──── 7 ──── 8 ──── 9 ───✓     four concurrent chunks of items that run one by one
/// ```
#[tokio::test(start_paused = true)]
async fn chunks_run_concurrently_and_results_keep_the_order_of_the_items() {
    let start = Instant::now();
    let doubled = all(in_batches(stream::iter(0..20), n(5), n(4), one_by_one)).await;
    assert_eq!(doubled, (0..20).map(|i| i * 2).collect::<Vec<_>>());
    assert_eq!(start.elapsed(), STEP * 5);
}

#[tokio::test(start_paused = true)]
async fn with_concurrency_one_chunks_run_one_after_the_other() {
    let start = Instant::now();
    let doubled = all(in_batches(stream::iter(0..25), n(10), n(1), concurrently)).await;
    assert_eq!(doubled, (0..25).map(|i| i * 2).collect::<Vec<_>>());
    assert_eq!(start.elapsed(), STEP * 3, "three batches, and no pause after the last");
}

#[tokio::test(start_paused = true)]
async fn an_empty_source_never_calls_the_handler() {
    let never = |_: Vec<u64>| -> future::Ready<Vec<u64>> { panic!("called") };
    assert_eq!(
        all(in_batches(stream::empty(), n(5), n(4), never)).await,
        Vec::<u64>::new()
    );
}

/// The first chunk takes two steps, and the others take one. The window is two chunks.
#[tokio::test(start_paused = true)]
async fn a_slow_chunk_delays_later_results_but_not_the_work() {
    let start = Instant::now();
    let slow_first = async |items: Vec<u32>| {
        sleep(if items[0] == 0 { STEP * 2 } else { STEP }).await;
        items
    };
    let timed = in_batches(stream::iter(0..6), n(2), n(2), slow_first)
        .map(|item| (start.elapsed().as_millis(), item));
    let seen = all(timed).await;
    assert_eq!(seen, [(200, 0), (200, 1), (200, 2), (200, 3), (300, 4), (300, 5)]);
}

#[tokio::test(start_paused = true)]
async fn a_chunk_that_never_waits_does_not_overtake_one_that_waits() {
    let slow_first = async |items: Vec<u32>| {
        if items[0] == 0 {
            sleep(STEP).await;
        }
        items
    };
    let seen = all(in_batches(stream::iter(0..6), n(2), n(2), slow_first)).await;
    assert_eq!(seen, [0, 1, 2, 3, 4, 5]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_item_and_a_failed_chunk_affect_no_other_result() {
    let f = async |items: Vec<u32>| match items[0] {
        4 => vec![Err("chunk down"); items.len()],
        _ => items.into_iter().map(|i| if i == 1 { Err("odd") } else { Ok(i) }).collect(),
    };
    let seen = all(in_batches(stream::iter(0..7), n(2), n(2), f)).await;
    let down = Err("chunk down");
    assert_eq!(seen, [Ok(0), Err("odd"), Ok(2), Ok(3), down, down, Ok(6)]);
}

#[tokio::test(start_paused = true)]
async fn the_source_is_never_read_further_ahead_than_the_window() {
    let read = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&read);
    let endless = stream::repeat_with(move || counter.fetch_add(1, SeqCst));
    let running = AtomicUsize::new(0);
    let most = AtomicUsize::new(0);
    let f = async |items: Vec<usize>| {
        most.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
        sleep(STEP).await;
        running.fetch_sub(1, SeqCst);
        items
    };
    let mut results = pin!(in_batches(endless, n(10), n(3), f));
    for delivered in 0..1000 {
        assert_eq!(results.next().await, Some(delivered));
        let ahead = read.load(SeqCst) - delivered;
        assert!(ahead <= 10 * (3 + 2), "{ahead} items ahead of item {delivered}");
    }
    assert_eq!(most.load(SeqCst), 3, "chunks ran concurrently");
}

#[tokio::test(start_paused = true)]
async fn a_source_and_chunks_that_never_wait_do_not_starve_other_tasks() {
    let read = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&read);
    let source = stream::repeat_with(move || counter.fetch_add(1, SeqCst)).take(100_000);
    let running = tokio::spawn(all(in_batches(source, n(10), n(4), future::ready)));
    yield_now().await;
    running.abort();
    let read = read.load(SeqCst);
    assert!((1..100_000).contains(&read), "{read} items without a yield");
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_forgets_an_item_makes_the_stream_panic() {
    let forgetful = async |items: Vec<u32>| items[1..].to_vec();
    let run = all(in_batches(stream::iter(0..4), n(4), n(1), forgetful));
    let panic = AssertUnwindSafe(run).catch_unwind().await.unwrap_err();
    let text = panic_text(&*panic);
    assert!(text.contains("3 results for 4 items"), "{text}");
}

/// Drops `next` before its first poll, at every `Pending`, and after it was woken.
#[tokio::test(start_paused = true)]
async fn a_cancelled_next_loses_no_item_and_repeats_no_work() {
    let calls = AtomicUsize::new(0);
    let f = async |items: Vec<u64>| {
        calls.fetch_add(1, SeqCst);
        one_by_one(items).await
    };
    let mut results = pin!(in_batches(stream::iter(0..6), n(2), n(2), f));
    let mut seen = Vec::new();
    let mut drops = 0;
    while seen.len() < 6 {
        drop(results.next());
        let mut next = ManualTask::new(results.next());
        if let std::task::Poll::Ready(item) = next.poll() {
            seen.push(item.expect("six items"));
            continue;
        }
        sleep(STEP).await;
        assert!(next.is_woken(), "not woken after a step of the work");
        drops += 1;
        assert!(drops < 100, "stuck after {seen:?}");
    }
    assert_eq!(seen, [0, 2, 4, 6, 8, 10]);
    assert_eq!((calls.load(SeqCst), drops), (3, 4));
}
