//! A batch is yielded when it is full or when its first item has waited, and no item is lost.

use std::{num::NonZeroUsize, pin::pin, task::Poll, time::Duration};

use async_kit::BatchExt;
use futures::{
    future::poll_immediate,
    stream::{self, FusedStream, Stream, StreamExt},
};
use tokio::{
    sync::mpsc,
    task::{consume_budget, yield_now},
    time::{Instant, advance, timeout},
};

use crate::{
    last_instant::until_the_last_instant,
    manual_task::{ManualTask, poll_once},
};

const DELAY: Duration = Duration::from_millis(50);

fn size(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

/// Yields the items 1, 2, 3, … at the given times in ms.
fn items_at(times: &'static [u64]) -> impl Stream<Item = usize> {
    let start = Instant::now();
    stream::iter(times.iter().enumerate()).then(move |(i, at)| async move {
        tokio::time::sleep_until(start + Duration::from_millis(*at)).await;
        i + 1
    })
}

/// Returns every batch, with the time in ms at which it was yielded.
async fn timed<S: Stream>(batches: S) -> Vec<(u64, S::Item)> {
    let start = Instant::now();
    let with_time = batches.map(|batch| (start.elapsed().as_millis() as u64, batch));
    timeout(Duration::from_secs(60), with_time.collect()).await.expect("the source ended")
}

fn channel() -> (mpsc::Sender<usize>, impl Stream<Item = usize>) {
    let (sender, mut receiver) = mpsc::channel(100);
    (sender, stream::poll_fn(move |cx| receiver.poll_recv(cx)))
}

/// ```text
/// 0    10   20   30   40   50   60   70   80   90   100  110  120
/// 1    2    3!             |         4                   |    5
///                                    └─ delay 50 ms ──────────!
/// ```
#[tokio::test(start_paused = true)]
async fn a_batch_is_yielded_when_full_or_when_its_first_item_has_waited() {
    let source = items_at(&[0, 10, 20, 70, 110, 150]);
    let seen = timed(source.batches(size(3), DELAY)).await;
    assert_eq!(seen, [(20, vec![1, 2, 3]), (120, vec![4, 5]), (150, vec![6])]);
}

#[tokio::test(start_paused = true)]
async fn later_items_do_not_extend_the_delay() {
    let source = items_at(&[0, 40, 80, 120]);
    let seen = timed(source.batches(size(100), DELAY)).await;
    assert_eq!(seen, [(50, vec![1, 2]), (120, vec![3, 4])]);
}

#[tokio::test(start_paused = true)]
async fn the_last_batch_is_yielded_at_the_end_of_the_source() {
    let seen = timed(items_at(&[0, 5]).batches(size(10), DELAY)).await;
    assert_eq!(seen, [(5, vec![1, 2])]);
    let empty = stream::empty::<usize>().batches(size(10), DELAY);
    assert_eq!(timed(empty).await, []);
}

// This is a plain `#[test]` without a runtime, in which any timer would panic.
#[test]
fn items_that_are_ready_need_no_timer() {
    let (sender, source) = channel();
    let mut batches = pin!(source.batches(size(2), Duration::ZERO));
    let mut next = || ManualTask::new(batches.next()).poll();
    for item in 1..=3 {
        sender.try_send(item).unwrap();
    }
    assert_eq!(next(), Poll::Ready(Some(vec![1, 2])));
    assert_eq!(
        next(),
        Poll::Ready(Some(vec![3])),
        "a batch that is not full was not yielded without a delay"
    );
    assert_eq!(next(), Poll::Pending, "an empty batch is never yielded");
    drop(sender);
    assert_eq!(next(), Poll::Ready(None));
    assert!(batches.is_terminated());
}

#[tokio::test(start_paused = true)]
async fn a_size_that_means_no_limit_is_not_allocated() {
    let source = items_at(&[0, 10, 20]);
    let seen = timed(source.batches(NonZeroUsize::MAX, DELAY)).await;
    assert_eq!(seen, [(20, vec![1, 2, 3])]);
}

#[tokio::test(start_paused = true)]
async fn a_delay_longer_than_the_clock_never_ends() {
    for delay in [until_the_last_instant(), Duration::MAX] {
        let one_item = stream::iter([1]).chain(stream::pending());
        let mut batches = pin!(one_item.batches(size(2), delay));
        assert!(timeout(DELAY, batches.next()).await.is_err(), "{delay:?} ended");
    }
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_polls_late_gets_all_items_that_are_ready() {
    let (sender, source) = channel();
    let mut batches = pin!(source.batches(size(10), DELAY));
    sender.try_send(1).unwrap();
    assert_eq!(poll_immediate(batches.next()).await, None);
    tokio::time::sleep(DELAY * 2).await;
    sender.try_send(2).unwrap();
    sender.try_send(3).unwrap();
    assert_eq!(poll_immediate(batches.next()).await, Some(Some(vec![1, 2, 3])));
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_yielded_even_if_its_source_never_pauses() {
    let within_the_budget = stream::repeat(1).then(async |item| {
        consume_budget().await;
        item
    });
    never_pauses(within_the_budget).await;
    // The end makes this test fail, and not hang, if the batches never yield to other tasks.
    never_pauses(stream::repeat(1).take(100_000)).await;
}

/// The source is never idle, so the test advances the clock.
async fn never_pauses(source: impl Stream<Item = usize> + Send + 'static) {
    let collecting = tokio::spawn(async {
        pin!(source.batches(NonZeroUsize::MAX, DELAY)).next().await.map(|b| b.len())
    });
    yield_now().await;
    assert!(!collecting.is_finished(), "it took the whole source without a yield");
    advance(DELAY).await;
    for _ in 0..100 {
        yield_now().await;
    }
    let finished = collecting.is_finished();
    collecting.abort();
    assert!(finished, "still collecting after {DELAY:?}");
}

/// Each item is ready immediately, but takes 20 ms of computing. The first is taken at 20 ms, and has
/// waited for 50 ms when the fourth is taken.
#[tokio::test(start_paused = true)]
async fn a_slow_source_that_is_always_ready_keeps_to_the_delay() {
    let computed = stream::iter(1..=5).map(|item| {
        // The first poll of `advance` moves the clock, without a yield.
        let _ = poll_once(pin!(advance(Duration::from_millis(20))));
        item
    });
    let seen = timed(computed.batches(size(100), DELAY)).await;
    assert_eq!(seen, [(80, vec![1, 2, 3, 4]), (100, vec![5])]);
}

/// `tests/kit/cancellation` shows that no item is lost.
#[tokio::test(start_paused = true)]
async fn a_cancelled_next_does_not_restart_the_delay() {
    let (sender, source) = channel();
    let mut batches = pin!(source.batches(size(3), DELAY));
    let start = Instant::now();
    sender.try_send(1).unwrap();
    assert_eq!(
        poll_immediate(batches.next()).await,
        None,
        "a batch of one item was yielded"
    );
    sender.try_send(2).unwrap();
    let next = timeout(Duration::from_millis(30), batches.next()).await;
    assert!(next.is_err(), "it was not cancelled during the delay: {next:?}");
    assert_eq!(batches.next().await, Some(vec![1, 2]));
    assert_eq!(start.elapsed(), DELAY, "the delay did not begin with item 1");
}

#[tokio::test(start_paused = true)]
async fn after_the_end_every_next_returns_none() {
    let mut batches = pin!(stream::iter([3]).batches(size(3), DELAY));
    assert!(!batches.is_terminated());
    assert_eq!(batches.next().await, Some(vec![3]));
    assert_eq!(batches.next().await, None);
    assert_eq!(batches.next().await, None);
    assert!(batches.is_terminated());
}
