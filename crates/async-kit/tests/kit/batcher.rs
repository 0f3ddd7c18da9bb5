//! Each caller gets its own result or error, no matter how the calls of others end.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex},
    task::Poll,
    time::Duration,
};

use async_kit::{BatchError, Batcher};
use futures::future::{join, join_all};
use tokio::{
    task::{coop::consume_budget, yield_now},
    time::{Instant, advance, sleep, timeout},
};

use crate::{last_instant::until_the_last_instant, manual_task::ManualTask};

const MS: Duration = Duration::from_millis(1);

/// The batches of a handler, each with the time at which the handler got it.
type Log = Arc<Mutex<Vec<(u128, Vec<u32>)>>>;

/// A batcher that doubles its items and takes 100 ms for each batch. It panics for the item 13, and
/// returns no result for the item 404.
fn doubler(size: usize, delay: Duration) -> (Batcher<u32, u32>, Log) {
    let log = Log::default();
    let (batches, start) = (Arc::clone(&log), Instant::now());
    let handler = move |items: Vec<u32>| {
        batches.lock().unwrap().push((start.elapsed().as_millis(), items.clone()));
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

async fn bounded<F: Future>(future: F) -> F::Output {
    timeout(MS * 60_000, future).await.expect("this ends within a minute of virtual time")
}

async fn submit_all(
    batcher: &Batcher<u32, u32>,
    items: impl IntoIterator<Item = u32>,
) -> Vec<Result<u32, BatchError>> {
    bounded(join_all(items.into_iter().map(|item| batcher.submit(item)))).await
}

#[tokio::test(start_paused = true)]
async fn each_caller_gets_the_result_of_its_own_item() {
    let (batcher, log) = doubler(4, MS * 10);
    let results = submit_all(&batcher, 1..=10).await;
    assert_eq!(results, (1..=10).map(|i| Ok(i * 2)).collect::<Vec<_>>());
    // The last two items were submitted at 0 ms, so their delay was over when the handler became free.
    let batches = [(0, vec![1, 2, 3, 4]), (100, vec![5, 6, 7, 8]), (200, vec![9, 10])];
    assert_eq!(seen(&log), batches);
}

/// ```text
/// 0    10   20   30   40   50
/// 1         2              └─ handled with two items
/// └── max_delay 50 ────────┘
/// ```
#[tokio::test(start_paused = true)]
async fn an_incomplete_batch_is_handled_after_the_delay_of_its_first_item() {
    let (batcher, log) = doubler(10, MS * 50);
    let late = async {
        sleep(MS * 20).await;
        batcher.submit(2).await
    };
    let both = bounded(join(batcher.submit(1), late)).await;
    assert_eq!(both, (Ok(2), Ok(4)));
    assert_eq!(seen(&log), [(50, vec![1, 2])]);
}

/// Two items arrive together while a batch of two has room for one.
#[tokio::test(start_paused = true)]
async fn items_that_arrive_together_make_no_batch_too_large() {
    let (batcher, log) = doubler(2, MS * 50);
    let late = async {
        sleep(MS * 20).await;
        submit_all(&batcher, [2, 3]).await
    };
    let (first, others) = bounded(join(batcher.submit(1), late)).await;
    assert_eq!((first, others), (Ok(2), vec![Ok(4), Ok(6)]));
    assert_eq!(seen(&log), [(20, vec![1, 2]), (120, vec![3])]);
}

#[tokio::test(start_paused = true)]
async fn with_zero_delay_a_batch_has_the_items_of_the_previous_handling() {
    let (batcher, log) = doubler(10, Duration::ZERO);
    let first = batcher.submit(1);
    let others = async {
        sleep(MS * 20).await;
        submit_all(&batcher, [2, 3]).await
    };
    bounded(join(first, others)).await.0.unwrap();
    assert_eq!(seen(&log), [(0, vec![1]), (100, vec![2, 3])]);
}

/// A timer would wait for the next millisecond.
#[tokio::test(start_paused = true)]
async fn with_zero_delay_a_free_handler_gets_an_item_immediately() {
    let ten = NonZeroUsize::new(10).unwrap();
    let batcher = Batcher::new(ten, Duration::ZERO, async |items: Vec<u32>| items);
    advance(MS / 2).await;
    let submitted = Instant::now();
    assert_eq!(batcher.submit(1).await, Ok(1));
    assert_eq!(submitted.elapsed(), Duration::ZERO);
}

/// Tokio lets a task do a limited amount of work until it has to yield. The handler may leave any rest of it.
#[tokio::test(start_paused = true)]
async fn with_zero_delay_a_batch_has_all_items_however_much_work_the_handler_did() {
    for work in 0..200 {
        let log = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&log);
        let handler = move |items: Vec<u32>| {
            seen.lock().unwrap().push(items.clone());
            async move {
                sleep(MS).await;
                for _ in 0..work {
                    consume_budget().await;
                }
                items
            }
        };
        let batcher = Batcher::new(NonZeroUsize::MAX, Duration::ZERO, handler);
        let after = async |item| {
            yield_now().await;
            batcher.submit(item).await
        };
        let (first, rest) = join(batcher.submit(1), join_all([2, 3, 4].map(after))).await;
        assert_eq!((first, rest), (Ok(1), [2, 3, 4].map(Ok).into()));
        assert_eq!(*log.lock().unwrap(), [vec![1], vec![2, 3, 4]], "work: {work}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_huge_delay_and_a_huge_size_do_not_overflow() {
    let (batcher, log) = doubler(2, Duration::MAX);
    assert_eq!(submit_all(&batcher, [1, 2]).await, [Ok(2), Ok(4)]);
    assert_eq!(seen(&log), [(0, vec![1, 2])]);
    let (batcher, _) = doubler(usize::MAX, MS);
    assert_eq!(bounded(batcher.submit(1)).await, Ok(2));
    let (batcher, _) = doubler(2, until_the_last_instant());
    let incomplete = timeout(MS * 9, batcher.submit(1)).await;
    assert!(incomplete.is_err(), "a delay until the last instant ended: {incomplete:?}");
    assert_eq!(bounded(batcher.submit(2)).await, Ok(4));
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_handler_fails_its_batch_and_no_other() {
    let (batcher, _) = doubler(2, MS);
    let results = submit_all(&batcher, [1, 2, 3, 13, 5, 6]).await;
    let panicked = Err(BatchError::Panicked);
    assert_eq!(results, [Ok(2), Ok(4), panicked, panicked, Ok(10), Ok(12)]);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_forgets_an_item_fails_its_whole_batch() {
    let (batcher, _) = doubler(3, MS);
    let results = submit_all(&batcher, [404, 2, 3, 4]).await;
    let wrong = Err(BatchError::WrongCount { items: 3, results: 2 });
    assert_eq!(results, [wrong, wrong, wrong, Ok(8)]);
}

#[test]
fn the_text_of_an_error_states_what_went_wrong() {
    let texts = [
        (BatchError::Closed, "the batcher is closed"),
        (BatchError::Panicked, "the handler of the batch panicked"),
        (
            BatchError::WrongCount { items: 3, results: 2 },
            "the handler returned 2 results for 3 items",
        ),
    ];
    for (error, text) in texts {
        assert_eq!(error.to_string(), text);
    }
}

/// Panics when it is dropped, if its number is 13.
struct Fragile(u32);

impl Drop for Fragile {
    fn drop(&mut self) {
        assert_ne!(self.0, 13, "a bug in `drop`");
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_drop_of_an_unwanted_value_ends_no_other_batch() {
    // Handling takes 100 ms, and forgets all but the first of two items.
    let batcher = Batcher::new(NonZeroUsize::new(2).unwrap(), MS * 50, async |items| {
        sleep(MS * 100).await;
        let mut items: Vec<Fragile> = items;
        items.truncate(1);
        items
    });
    let the_next_is_served = async || {
        let served = bounded(batcher.submit(Fragile(1))).await;
        assert_eq!(served.map(|item| item.0), Ok(1));
    };
    // Its caller is cancelled before the batch is handled, and then during the handling.
    for patience in [20, 120] {
        let cancelled = timeout(MS * patience, batcher.submit(Fragile(13))).await;
        assert!(cancelled.is_err(), "it had a result within {patience} ms");
        the_next_is_served().await;
    }
    let both = [13, 2].map(|number| batcher.submit(Fragile(number)));
    for outcome in bounded(join_all(both)).await {
        let wrong = Some(BatchError::WrongCount { items: 2, results: 1 });
        assert_eq!(outcome.err(), wrong);
    }
    the_next_is_served().await;
}

#[tokio::test(start_paused = true)]
async fn close_waits_for_a_caller_that_waits_for_room_and_is_not_polled() {
    let (batcher, _) = doubler(1, MS);
    let mut callers = [1, 2, 3].map(|item| ManualTask::new(batcher.submit(item)));
    for caller in &mut callers {
        assert!(caller.poll().is_pending());
    }
    let closing = timeout(Duration::from_secs(60), batcher.close()).await;
    assert!(closing.is_err(), "the docs say that it waits");
    drop(callers);
    bounded(batcher.close()).await;
}

#[tokio::test(start_paused = true)]
async fn the_item_of_a_caller_cancelled_before_its_batch_is_not_handled() {
    let (batcher, log) = doubler(10, MS * 50);
    let cancelled = timeout(MS * 20, batcher.submit(1));
    let (cancelled, kept) = bounded(join(cancelled, batcher.submit(2))).await;
    assert!(cancelled.is_err(), "{cancelled:?}");
    assert_eq!(kept, Ok(4));
    assert_eq!(seen(&log), [(50, vec![2])]);
}

#[tokio::test(start_paused = true)]
async fn a_batch_whose_callers_were_all_cancelled_never_reaches_the_handler() {
    let (batcher, log) = doubler(10, MS * 50);
    timeout(MS * 20, batcher.submit(1)).await.unwrap_err();
    sleep(MS * 100).await;
    assert_eq!(seen(&log), []);
    assert_eq!(bounded(batcher.submit(2)).await, Ok(4));
}

#[tokio::test(start_paused = true)]
async fn close_completes_the_batch_and_waits_until_it_is_handled() {
    let (batcher, log) = doubler(10, MS * 1000);
    let start = Instant::now();
    let waiting = tokio::spawn({
        let batcher = batcher.clone();
        async move { batcher.submit(1).await }
    });
    sleep(MS * 20).await;
    bounded(batcher.close()).await;
    assert_eq!(start.elapsed(), MS * 120, "100 ms after the close, for the handler");
    assert_eq!(seen(&log), [(20, vec![1])]);
    assert_eq!(waiting.await.unwrap(), Ok(2));
    assert_eq!(batcher.clone().submit(2).await, Err(BatchError::Closed));
    bounded(batcher.close()).await;
}

#[tokio::test(start_paused = true)]
async fn close_serves_the_callers_that_still_wait_for_room() {
    let (batcher, log) = doubler(1, MS);
    let callers = join_all((1..=5).map(|item| batcher.submit(item)));
    let close = async {
        sleep(MS * 20).await;
        batcher.close().await;
    };
    let (results, ()) = bounded(join(callers, close)).await;
    assert_eq!(results, [Ok(2), Ok(4), Ok(6), Ok(8), Ok(10)]);
    assert_eq!(seen(&log).len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_close_still_closes_the_batcher() {
    let (batcher, log) = doubler(10, MS * 1000);
    let mut caller = ManualTask::new(batcher.submit(1));
    assert!(caller.poll().is_pending());
    drop(batcher.close());
    let open = ManualTask::new(batcher.submit(3)).poll().is_pending();
    assert!(open, "a close that was never polled has closed the batcher");
    assert!(ManualTask::new(batcher.close()).poll().is_pending());
    assert_eq!(bounded(batcher.submit(2)).await, Err(BatchError::Closed));
    sleep(MS * 200).await;
    assert_eq!(caller.poll(), Poll::Ready(Ok(2)));
    assert_eq!(seen(&log), [(0, vec![1])]);
}

#[tokio::test(start_paused = true)]
async fn after_the_last_handle_is_dropped_the_task_ends_with_its_batch() {
    let (batcher, log) = doubler(1, MS);
    let caller = tokio::spawn({
        let batcher = batcher.clone();
        async move { batcher.submit(1).await }
    });
    sleep(MS * 20).await;
    caller.abort();
    drop(batcher);
    // The task owns the handler, and the handler owns the second handle to the log.
    let task_runs = || Arc::strong_count(&log) > 1;
    assert!(task_runs(), "the task has ended during a batch");
    bounded(async {
        while task_runs() {
            sleep(MS).await;
        }
    })
    .await;
    assert_eq!(seen(&log), [(0, vec![1])]);
}

#[test]
fn a_caller_that_outlives_the_runtime_gets_an_error() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let batcher = runtime.block_on(async { doubler(10, MS * 50).0 });
    let mut caller = ManualTask::new(batcher.submit(1));
    assert!(caller.poll().is_pending());
    drop(runtime);
    assert!(caller.is_woken());
    assert_eq!(caller.poll(), Poll::Ready(Err(BatchError::Closed)));
}

/// Callers are cancelled before the first poll, while they wait for room, after they were granted
/// room, while their item is handled, and after their result was sent.
#[tokio::test(start_paused = true)]
async fn a_cancelled_caller_affects_no_other_caller() {
    let (batcher, log) = doubler(1, MS);
    drop(batcher.submit(100));

    // The handler has the first item, the second item fills the queue, and two callers wait for room.
    let mut callers = Vec::new();
    for item in 1..=4 {
        callers.push(ManualTask::new(batcher.submit(item)));
        assert!(callers.last_mut().unwrap().poll().is_pending());
        yield_now().await;
    }
    let [first, mut second, third, mut fourth] = callers.try_into().ok().unwrap();
    let mut fifth = ManualTask::new(batcher.submit(5));
    assert!(fifth.poll().is_pending());

    sleep(MS * 110).await;
    assert!(first.is_woken(), "its result was not sent");
    drop(first);
    assert!(third.is_woken(), "it was not granted room");
    drop(third);
    assert!(second.poll().is_pending(), "the handler has its item");
    drop(second);
    assert!(fourth.is_woken(), "the room of the third was lost");
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
