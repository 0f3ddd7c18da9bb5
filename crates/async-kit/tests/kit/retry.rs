//! A retry keeps to its limits of attempts, time and budget, and its error states why it gave up.

use std::{
    cell::Cell,
    error::Error,
    future::{pending, ready},
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    task::Poll,
    time::Duration,
};

use async_kit::{
    AttemptError, Backoff, Jitter, Retry, RetryBudget, RetryError, TimeLimit, TimedOut,
    pool::AcquireError,
};
use tokio::{
    task::{JoinSet, yield_now},
    time::{Instant, sleep},
};

use crate::{last_instant::until_the_last_instant, manual_task::poll_once};

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Fault {
    #[error("busy")]
    Busy,
    #[error("busy, retry after {0:?}")]
    BusyFor(Duration),
    #[error("not found")]
    NotFound,
}

use Fault::{Busy, BusyFor, NotFound};

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Runs a retry whose attempts all fail with `fault`. Returns its error, and the times of the
/// attempts in ms.
async fn always(retry: Retry<'_, Fault>, fault: Fault) -> (RetryError<Fault>, Vec<u128>) {
    let (start, mut times) = (Instant::now(), Vec::new());
    let outcome: Result<(), _> = retry
        .run(|| {
            times.push(start.elapsed().as_millis());
            ready(Err(fault))
        })
        .await;
    (outcome.expect_err("every attempt failed"), times)
}

/// ```text
/// 0      100     200
/// ✗      ✗       ✓
/// ```
#[tokio::test(start_paused = true)]
async fn the_first_success_ends_the_run() {
    let (start, mut answers) =
        (Instant::now(), [Err(Busy), Err(Busy), Ok(7)].into_iter());
    let outcome = Retry::new(Backoff::fixed(ms(100)))
        .attempts(5)
        .run(|| ready(answers.next().unwrap()))
        .await;
    assert_eq!((outcome, start.elapsed()), (Ok(7), ms(200)));
}

/// ```text
/// 0      100             300                             700
/// ✗      ✗               ✗                               ✗ gives up immediately
/// ```
#[tokio::test(start_paused = true)]
async fn a_run_makes_no_more_attempts_than_allowed() {
    let retry = Retry::new(Backoff::exponential(ms(100))).attempts(4);
    let start = Instant::now();
    let (error, times) = always(retry, Busy).await;
    let last = AttemptError::Failed(Busy);
    assert_eq!(error, RetryError::Exhausted { attempts: 4, last });
    assert_eq!(times, [0, 100, 300, 700]);
    assert_eq!(start.elapsed(), ms(700), "there was a delay after the last attempt");
}

#[tokio::test(start_paused = true)]
async fn the_default_is_three_attempts() {
    let (error, times) = always(Retry::new(Backoff::none()), Busy).await;
    assert_eq!((error.attempts(), times.len()), (3, 3));
}

#[test]
#[should_panic = "at least one attempt"]
fn zero_attempts_are_refused() {
    let _ = Retry::<Fault>::new(Backoff::none()).attempts(0);
}

#[tokio::test(start_paused = true)]
async fn an_error_that_is_not_retryable_ends_the_run() {
    let retry = Retry::new(Backoff::fixed(ms(100))).when(|fault| *fault != NotFound);
    let (error, times) = always(retry, NotFound).await;
    assert_eq!(error, RetryError::NotRetryable { attempts: 1, last: NotFound });
    assert_eq!(times, [0]);
}

/// ```text
/// 0       50   60      110   120     170
/// █████████⊘   █████████⊘    █████████⊘
/// ```
#[tokio::test(start_paused = true)]
async fn an_attempt_that_hangs_times_out_and_is_retried() {
    let start = Instant::now();
    let outcome = Retry::new(Backoff::fixed(ms(10)))
        .attempt_timeout(ms(50))
        .when(|_: &Fault| false)
        .run(async || pending::<Result<(), Fault>>().await)
        .await;
    let last = AttemptError::TimedOut(ms(50));
    assert_eq!(outcome, Err(RetryError::Exhausted { attempts: 3, last }));
    assert_eq!(start.elapsed(), ms(170));
}

/// ```text
/// 0    40   50   90  100  130
/// ████✗     ████✗    ███⊘       the total time ends during attempt 3: the last error is that of attempt 2
/// ```
#[tokio::test(start_paused = true)]
async fn the_total_cancels_the_current_attempt_and_keeps_the_last_error() {
    let start = Instant::now();
    let outcome: Result<(), _> = Retry::new(Backoff::fixed(ms(10)))
        .attempts(9)
        .total(ms(130))
        .run(async || {
            sleep(ms(40)).await;
            Err(Busy)
        })
        .await;
    let last = Some(AttemptError::Failed(Busy));
    let expected = RetryError::OutOfTime { attempts: 3, total: ms(130), last };
    assert_eq!((outcome, start.elapsed()), (Err(expected), ms(130)));
}

#[tokio::test(start_paused = true)]
async fn a_first_attempt_that_never_ends_has_no_last_error() {
    let outcome = Retry::new(Backoff::none())
        .total(ms(50))
        .run(async || pending::<Result<(), Fault>>().await)
        .await;
    let expected = RetryError::OutOfTime { attempts: 1, total: ms(50), last: None };
    assert_eq!(outcome, Err(expected));
}

#[tokio::test(start_paused = true)]
async fn a_delay_that_leaves_no_time_is_skipped() {
    let retry = || Retry::new(Backoff::fixed(ms(100))).attempts(9);
    let start = Instant::now();
    let (_, times) = always(retry().total(ms(201)), Busy).await;
    assert_eq!((times, start.elapsed()), (vec![0, 100, 200], ms(200)));
    let (_, times) = always(retry().total(ms(200)), Busy).await;
    assert_eq!((times, start.elapsed()), (vec![0, 100], ms(300)));
}

#[tokio::test(start_paused = true)]
async fn a_delay_from_the_error_replaces_that_of_the_backoff() {
    let hint = |fault: &Fault| match fault {
        BusyFor(delay) => Some(*delay),
        _ => None,
    };
    let retry = || Retry::new(Backoff::fixed(ms(100)).max(ms(100))).retry_after(hint);
    assert_eq!(always(retry(), Busy).await.1, [0, 100, 200]);
    assert_eq!(always(retry(), BusyFor(ms(700))).await.1, [0, 700, 1400]);
    let zero = "a hint of zero replaced the backoff";
    assert_eq!(always(retry(), BusyFor(ms(0))).await.1, [0, 100, 200], "{zero}");

    let start = Instant::now();
    let (error, times) = always(retry().total(ms(600)), BusyFor(ms(700))).await;
    let last = Some(AttemptError::Failed(BusyFor(ms(700))));
    assert_eq!(error, RetryError::OutOfTime { attempts: 1, total: ms(600), last });
    assert_eq!(
        (times, start.elapsed()),
        (vec![0], ms(0)),
        "it waited although no time was left"
    );
}

#[tokio::test(start_paused = true)]
async fn on_retry_is_called_for_every_failure_that_is_retried() {
    let calls = Mutex::new(Vec::new());
    let retry = Retry::new(Backoff::exponential(ms(10))).on_retry(|attempt, delay, e| {
        calls.lock().unwrap().push(format!("{attempt} {delay:?} {e}"));
    });
    always(retry, Busy).await;
    assert_eq!(calls.into_inner().unwrap(), ["1 10ms busy", "2 20ms busy"]);
}

/// A timer outside a runtime would panic.
#[test]
fn a_zero_delay_starts_no_timer() {
    let mut calls = 0;
    let retry = Retry::new(Backoff::none().jitter(Jitter::Full)).attempts(50);
    let run = retry.run(|| {
        calls += 1;
        ready(if calls < 50 { Err(Busy) } else { Ok(()) })
    });
    let polled = poll_once(pin!(run));
    assert_eq!((polled, calls), (Poll::Ready(Ok(())), 50));
}

#[tokio::test]
async fn many_retries_without_delay_yield_to_other_tasks() {
    let calls = Arc::new(AtomicU32::new(0));
    let busy = tokio::spawn({
        let calls = calls.clone();
        async move {
            let retry = Retry::new(Backoff::none()).attempts(100_000);
            let failing = async || -> Result<(), Fault> {
                calls.fetch_add(1, Ordering::Relaxed);
                Err(Busy)
            };
            retry.run(failing).await
        }
    });
    yield_now().await;
    busy.abort();
    let made = calls.load(Ordering::Relaxed);
    assert!((1..10_000).contains(&made), "{made} attempts without a yield");
}

#[tokio::test(start_paused = true)]
async fn a_run_can_be_spawned_and_a_policy_used_again() {
    let retries = Arc::new(AtomicU32::new(0));
    let counter = retries.clone();
    let policy = Retry::new(Backoff::exponential(ms(10)))
        .attempt_timeout(ms(100))
        .total(ms(1_000))
        .when(|fault: &Fault| *fault == Busy)
        .retry_after(|_| None)
        .on_retry(move |_, _, _| {
            counter.fetch_add(1, Ordering::Relaxed);
        });
    let policy = Arc::new(policy);
    let mut runs = JoinSet::new();
    for name in 0..3 {
        let policy = policy.clone();
        runs.spawn(async move {
            let (text, calls) = (format!("run {name}"), AtomicU32::new(0));
            policy
                .run(async || {
                    sleep(ms(1)).await;
                    let again = calls.fetch_add(1, Ordering::Relaxed) < 1;
                    if again { Err(Busy) } else { Ok(text.clone()) }
                })
                .await
        });
    }
    let mut done: Vec<_> =
        runs.join_all().await.into_iter().map(Result::unwrap).collect();
    done.sort();
    assert_eq!(done, ["run 0", "run 1", "run 2"]);
    assert_eq!(retries.load(Ordering::Relaxed), 3);
}

/// Without jitter all twenty clients make each attempt at the same time.
#[tokio::test(start_paused = true)]
async fn jitter_spreads_the_retries_of_many_clients() {
    assert_eq!(largest_burst(Jitter::None).await, 20);
    let burst = largest_burst(Jitter::Full).await;
    assert!(burst <= 5, "{burst} of 20 clients still retried at the same time");
}

/// Returns the largest number of clients that made their second or third attempt in the same
/// millisecond.
async fn largest_burst(jitter: Jitter) -> usize {
    let mut clients = JoinSet::new();
    for seed in 0..20 {
        let backoff = Backoff::fixed(ms(200)).jitter(jitter).seed(seed);
        clients.spawn(async move { always(Retry::new(backoff), Busy).await.1 });
    }
    let mut returns: Vec<u128> = clients.join_all().await.into_iter().flatten().collect();
    returns.retain(|time| *time > 0);
    returns.sort_unstable();
    returns.chunk_by(|a, b| a == b).map(<[_]>::len).max().unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn an_outage_adds_no_more_load_than_the_budget_allows() {
    let budget = RetryBudget::percent(10).burst(5);
    let mut requests = 0;
    for _ in 0..1_000 {
        let retry = Retry::new(Backoff::fixed(ms(10))).attempts(5).budget(&budget);
        let (error, times) = always(retry, Busy).await;
        requests += times.len();
        assert_eq!(error.last(), Some(&Busy));
    }
    assert_eq!(requests, 1_000 + 100 + 4, "{budget:?}");
}

#[tokio::test(start_paused = true)]
async fn a_spent_budget_is_reported_and_only_real_retries_are_charged() {
    let budget = RetryBudget::percent(0).burst(2);
    let retry = || Retry::new(Backoff::fixed(ms(10))).budget(&budget);
    always(retry().total(ms(5)), Busy).await;
    always(retry().when(|_| false), Busy).await;
    always(retry().attempts(1), Busy).await;
    let (error, times) = always(retry().attempts(9), Busy).await;
    let last = AttemptError::Failed(Busy);
    assert_eq!(error, RetryError::BudgetSpent { attempts: 3, last });
    assert_eq!(times.len(), 3, "{budget:?}");
}

/// The first run is dropped during an attempt, the second one during a delay.
#[tokio::test(start_paused = true)]
async fn a_cancelled_run_begins_no_other_attempt() {
    for cancel_at in [ms(5), ms(15)] {
        let calls = Cell::new(0);
        let retry = Retry::new(Backoff::fixed(ms(10)));
        let run = retry.run(async || {
            calls.set(calls.get() + 1);
            sleep(ms(10)).await;
            Err::<(), _>(Busy)
        });
        assert_eq!(run.within(cancel_at).await, Err(TimedOut::Within(cancel_at)));
        sleep(ms(100)).await;
        assert_eq!(calls.get(), 1, "cancelled at {cancel_at:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_cause_is_the_source_of_the_error() {
    let (error, _) = always(Retry::new(Backoff::none()), Busy).await;
    assert_eq!(error.to_string(), "gave up after attempt 3");
    assert_eq!(error.source().map(ToString::to_string), Some("busy".to_owned()));
    assert_eq!(
        format!("{:#}", anyhow::Error::from(error)),
        "gave up after attempt 3: busy"
    );

    let (error, _) = always(Retry::new(Backoff::fixed(ms(9))).total(ms(5)), Busy).await;
    let chain = format!("{:#}", anyhow::Error::from(error));
    assert_eq!(chain, "out of time after attempt 1: 5ms in total: busy");
    assert_eq!(error.into_last(), Some(Busy));
}

#[test]
fn an_attempt_has_the_text_and_the_source_of_its_error() {
    let attempt = AttemptError::Failed(AcquireError::Connect(Busy));
    assert_eq!(format!("{:#}", anyhow::Error::from(attempt)), "could not connect: busy");
}

#[tokio::test(start_paused = true)]
async fn a_huge_delay_or_total_does_not_panic() {
    let retry = || Retry::new(Backoff::fixed(Duration::MAX));
    let run = always(retry().total(Duration::MAX), Busy);
    assert!(run.within(ms(50)).await.is_err(), "a delay of `Duration::MAX` ended");
    let (error, _) = always(retry().total(ms(50)), Busy).await;
    assert_eq!((error.attempts(), error.last()), (1, Some(&Busy)));
    let run = always(Retry::new(Backoff::fixed(until_the_last_instant())), Busy);
    assert!(run.within(ms(50)).await.is_err(), "a delay until the last instant ended");
}
