//! A caller gets its own result or an error of its own, whatever becomes of the others.

use std::task::Poll;

use futures::future::join_all;
use tokio::{
    task::yield_now,
    time::{sleep, timeout},
};

use super::*;
use crate::patterns::by_hand::ByHand;

const MS: Duration = Duration::from_millis(1);

/// What a handler was given, and the millisecond at which it got it.
type Log = Arc<Mutex<Vec<(u128, Vec<u32>)>>>;

/// A batcher that doubles, takes 100 ms for each batch, and panics when it sees a 13.
fn doubler(size: usize, delay: Duration) -> (Batcher<u32, u32>, Log) {
    let log = Log::default();
    let (notes, start) = (Arc::clone(&log), Instant::now());
    let handler = move |items: Vec<u32>| {
        notes.lock().unwrap().push((start.elapsed().as_millis(), items.clone()));
        async move {
            sleep(MS * 100).await;
            assert!(!items.contains(&13), "unlucky");
            items.into_iter().filter(|i| *i != 404).map(|i| i * 2).collect()
        }
    };
    (Batcher::new(NonZeroUsize::new(size).unwrap(), delay, handler), log)
}

fn seen(log: &Log) -> Vec<(u128, Vec<u32>)> {
    log.lock().unwrap().clone()
}

async fn soon<F: Future>(future: F) -> F::Output {
    timeout(MS * 60_000, future).await.expect("answered within a minute")
}

async fn submit_all(
    batcher: &Batcher<u32, u32>,
    items: impl IntoIterator<Item = u32>,
) -> Vec<Result<u32, BatchError>> {
    soon(join_all(items.into_iter().map(|item| batcher.submit(item)))).await
}

#[tokio::test(start_paused = true)]
async fn each_caller_gets_the_result_of_its_own_item() {
    let (batcher, log) = doubler(4, MS * 10);
    let results = submit_all(&batcher, 1..=10).await;
    assert_eq!(results, (1..=10).map(|i| Ok(i * 2)).collect::<Vec<_>>());
    // The last two came at 0 and had waited long enough when the handler became free.
    let batches = [(0, vec![1, 2, 3, 4]), (100, vec![5, 6, 7, 8]), (200, vec![9, 10])];
    assert_eq!(seen(&log), batches);
}

/// ```text
/// 0    10   20   30   40   50
/// 1         2              └─ leaves with two items
/// └── max_delay 50 ────────┘
/// ```
#[tokio::test(start_paused = true)]
async fn a_batch_that_is_not_full_leaves_when_its_first_item_has_waited() {
    let (batcher, log) = doubler(10, MS * 50);
    let late = async {
        sleep(MS * 20).await;
        batcher.submit(2).await
    };
    let both = soon(futures::future::join(batcher.submit(1), late)).await;
    assert_eq!(both, (Ok(2), Ok(4)));
    assert_eq!(seen(&log), [(50, vec![1, 2])]);
}

#[tokio::test(start_paused = true)]
async fn with_no_delay_a_batch_is_whatever_was_submitted_in_the_meantime() {
    let (batcher, log) = doubler(10, Duration::ZERO);
    let first = batcher.submit(1);
    let others = async {
        sleep(MS * 20).await;
        submit_all(&batcher, [2, 3]).await
    };
    soon(futures::future::join(first, others)).await.0.unwrap();
    assert_eq!(seen(&log), [(0, vec![1]), (100, vec![2, 3])]);
}

#[tokio::test(start_paused = true)]
async fn an_endless_delay_and_an_endless_size_are_no_overflow() {
    let (batcher, log) = doubler(2, Duration::MAX);
    assert_eq!(submit_all(&batcher, [1, 2]).await, [Ok(2), Ok(4)]);
    assert_eq!(seen(&log), [(0, vec![1, 2])]);
    let (batcher, _) = doubler(usize::MAX, MS);
    assert_eq!(soon(batcher.submit(1)).await, Ok(2));
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_handler_fails_its_batch_and_no_other() {
    let (batcher, _) = doubler(2, MS);
    let results = submit_all(&batcher, [1, 2, 3, 13, 5, 6]).await;
    let panicked = Err(BatchError::Panicked);
    assert_eq!(results, [Ok(2), Ok(4), panicked, panicked, Ok(10), Ok(12)]);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_forgets_an_item_answers_nobody_with_anothers_result() {
    let (batcher, _) = doubler(3, MS);
    let results = submit_all(&batcher, [404, 2, 3, 4]).await;
    let wrong = Err(BatchError::WrongCount { items: 3, results: 2 });
    assert_eq!(results, [wrong, wrong, wrong, Ok(8)]);
}

#[tokio::test(start_paused = true)]
async fn a_caller_cancelled_before_its_batch_leaves_withdraws_its_item() {
    let (batcher, log) = doubler(10, MS * 50);
    let cancelled = timeout(MS * 20, batcher.submit(1));
    let (cut, kept) = soon(futures::future::join(cancelled, batcher.submit(2))).await;
    assert!(cut.is_err(), "{cut:?}");
    assert_eq!(kept, Ok(4));
    assert_eq!(seen(&log), [(50, vec![2])]);
}

#[tokio::test(start_paused = true)]
async fn a_batch_whose_callers_are_all_gone_never_reaches_the_handler() {
    let (batcher, log) = doubler(10, MS * 50);
    timeout(MS * 20, batcher.submit(1)).await.unwrap_err();
    sleep(MS * 100).await;
    assert_eq!(seen(&log), []);
    assert_eq!(soon(batcher.submit(2)).await, Ok(4));
}

#[tokio::test(start_paused = true)]
async fn close_sends_what_waits_at_once_and_returns_when_it_is_done() {
    let (batcher, log) = doubler(10, MS * 1000);
    let start = Instant::now();
    let waiting = tokio::spawn({
        let batcher = batcher.clone();
        async move { batcher.submit(1).await }
    });
    sleep(MS * 20).await;
    soon(batcher.close()).await;
    assert_eq!(start.elapsed(), MS * 120, "at once, and 100 ms of handling");
    assert_eq!(seen(&log), [(20, vec![1])]);
    assert_eq!(waiting.await.unwrap(), Ok(2));
    assert_eq!(batcher.clone().submit(2).await, Err(BatchError::Closed));
    soon(batcher.close()).await;
}

#[tokio::test(start_paused = true)]
async fn close_serves_the_callers_who_still_wait_for_a_place() {
    let (batcher, log) = doubler(1, MS);
    let callers = join_all((1..=5).map(|item| batcher.submit(item)));
    let close = async {
        sleep(MS * 20).await;
        batcher.close().await;
    };
    let (results, ()) = soon(futures::future::join(callers, close)).await;
    assert_eq!(results, [Ok(2), Ok(4), Ok(6), Ok(8), Ok(10)]);
    assert_eq!(seen(&log).len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_close_has_closed_all_the_same() {
    let (batcher, log) = doubler(10, MS * 1000);
    let mut caller = ByHand::new(batcher.submit(1));
    assert!(caller.poll().is_pending());
    drop(batcher.close());
    assert!(!batcher.background.is_empty(), "a close never polled does nothing");
    assert!(ByHand::new(batcher.close()).poll().is_pending());
    assert_eq!(soon(batcher.submit(2)).await, Err(BatchError::Closed));
    sleep(MS * 200).await;
    assert_eq!(caller.poll(), Poll::Ready(Ok(2)));
    assert_eq!(seen(&log), [(0, vec![1])]);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_last_handle_finishes_the_batch_in_hand_and_ends_the_task() {
    let (batcher, log) = doubler(1, MS);
    let background = batcher.background.clone();
    let caller = tokio::spawn({
        let batcher = batcher.clone();
        async move { batcher.submit(1).await }
    });
    sleep(MS * 20).await;
    caller.abort();
    drop(batcher);
    soon(background.wait()).await;
    assert_eq!(seen(&log), [(0, vec![1])]);
}

#[test]
fn a_caller_that_outlives_the_runtime_is_told() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let batcher = runtime.block_on(async { doubler(10, MS * 50).0 });
    let mut caller = ByHand::new(batcher.submit(1));
    assert!(caller.poll().is_pending());
    drop(runtime);
    assert!(caller.is_woken());
    assert_eq!(caller.poll(), Poll::Ready(Err(BatchError::Closed)));
}

/// Cuts a caller before its first poll, while it waits for a place, after a place was handed
/// to it, while its item waits, and after its result was handed to it.
#[tokio::test(start_paused = true)]
async fn a_caller_cut_anywhere_leaves_the_others_their_places_and_results() {
    let (batcher, log) = doubler(1, MS);
    drop(batcher.submit(100));

    // The first is with the handler, the second fills the queue, two wait for a place.
    let mut callers = Vec::new();
    for item in 1..=4 {
        callers.push(ByHand::new(batcher.submit(item)));
        assert!(callers.last_mut().unwrap().poll().is_pending());
        yield_now().await;
    }
    let [first, mut second, third, mut fourth] = callers.try_into().ok().unwrap();
    let mut fifth = ByHand::new(batcher.submit(5));
    assert!(fifth.poll().is_pending());

    sleep(MS * 110).await;
    assert!(first.is_woken(), "a result was handed to it");
    drop(first);
    assert!(third.is_woken(), "a place in the queue was handed to it");
    drop(third);
    assert!(second.poll().is_pending(), "with the handler");
    drop(second);
    assert!(fourth.is_woken(), "the third's place went to the next in line");
    assert!(fourth.poll().is_pending());

    sleep(MS * 110).await;
    assert!(fifth.poll().is_pending());
    sleep(MS * 110).await;
    assert_eq!(fourth.poll(), Poll::Ready(Ok(8)));
    sleep(MS * 110).await;
    assert_eq!(fifth.poll(), Poll::Ready(Ok(10)));
    let handled: Vec<_> = seen(&log).into_iter().flat_map(|(_, items)| items).collect();
    assert_eq!(handled, [1, 2, 4, 5]);
}
