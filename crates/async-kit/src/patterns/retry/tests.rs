//! A retry tries as often, as late and after such errors as it was told, and says why it ended.

use std::{
    cell::Cell,
    error::Error,
    future::{pending, ready},
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll, Waker},
};

use tokio::{
    task::{JoinSet, yield_now},
    time::Instant,
};

use super::*;
use crate::patterns::deadline::TimedOut;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Fault {
    #[error("busy")]
    Busy,
    #[error("busy, come back in {0:?}")]
    BusyFor(Duration),
    #[error("not found")]
    NotFound,
}

use Fault::{Busy, BusyFor, NotFound};

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A retry that fails with `fault` every time, and the instants of its attempts in ms.
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
/// ✗      ✗               ✗                               ✗ gives up at once
/// ```
#[tokio::test(start_paused = true)]
async fn a_run_makes_no_more_attempts_than_allowed() {
    let retry = Retry::new(Backoff::exponential(ms(100))).attempts(4);
    let start = Instant::now();
    let (error, times) = always(retry, Busy).await;
    let last = AttemptError::Failed(Busy);
    assert_eq!(error, RetryError::Exhausted { attempts: 4, last });
    assert_eq!(times, [0, 100, 300, 700]);
    assert_eq!(start.elapsed(), ms(700), "it waits for an attempt that never comes");
}

#[tokio::test(start_paused = true)]
async fn three_attempts_are_made_if_nothing_is_said() {
    let (error, times) = always(Retry::new(Backoff::none()), Busy).await;
    assert_eq!((error.attempts(), times.len()), (3, 3));
}

#[test]
#[should_panic = "at least one attempt"]
fn zero_attempts_are_refused() {
    let _ = Retry::<Fault>::new(Backoff::none()).attempts(0);
}

#[tokio::test(start_paused = true)]
async fn an_error_that_cannot_pass_is_not_repeated() {
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
async fn an_attempt_that_hangs_is_cut_off_and_repeated() {
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
/// ████✗     ████✗    ███⊘       the total cuts the third attempt, the second's error stays
/// ```
#[tokio::test(start_paused = true)]
async fn the_total_cuts_the_attempt_it_ends_in_and_keeps_the_last_error() {
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
async fn a_first_attempt_without_end_leaves_no_error() {
    let outcome = Retry::new(Backoff::none())
        .total(ms(50))
        .run(async || pending::<Result<(), Fault>>().await)
        .await;
    let expected = RetryError::OutOfTime { attempts: 1, total: ms(50), last: None };
    assert_eq!(outcome, Err(expected));
}

#[tokio::test(start_paused = true)]
async fn a_delay_that_leaves_no_time_is_not_slept_in_vain() {
    let retry = || Retry::new(Backoff::fixed(ms(100))).attempts(9);
    let start = Instant::now();
    let (_, times) = always(retry().total(ms(201)), Busy).await;
    assert_eq!((times, start.elapsed()), (vec![0, 100, 200], ms(200)));
    let (_, times) = always(retry().total(ms(200)), Busy).await;
    assert_eq!((times, start.elapsed()), (vec![0, 100], ms(300)));
}

#[tokio::test(start_paused = true)]
async fn an_errors_own_delay_takes_the_place_of_the_backoffs() {
    let hint = |fault: &Fault| match fault {
        BusyFor(delay) => Some(*delay),
        _ => None,
    };
    let retry = || Retry::new(Backoff::fixed(ms(100)).max(ms(100))).retry_after(hint);
    assert_eq!(always(retry(), Busy).await.1, [0, 100, 200]);
    assert_eq!(always(retry(), BusyFor(ms(700))).await.1, [0, 700, 1400]);
    assert_eq!(always(retry(), BusyFor(ms(0))).await.1, [0, 0, 0]);

    let start = Instant::now();
    let (error, times) = always(retry().total(ms(600)), BusyFor(ms(700))).await;
    let last = Some(AttemptError::Failed(BusyFor(ms(700))));
    assert_eq!(error, RetryError::OutOfTime { attempts: 1, total: ms(600), last });
    assert_eq!((times, start.elapsed()), (vec![0], ms(0)), "it slept in vain");
}

#[tokio::test(start_paused = true)]
async fn every_failure_that_is_repeated_is_heard() {
    let heard = Mutex::new(Vec::new());
    let retry = Retry::new(Backoff::exponential(ms(10))).on_retry(|attempt, delay, e| {
        heard.lock().unwrap().push(format!("{attempt} {delay:?} {e}"));
    });
    always(retry, Busy).await;
    assert_eq!(heard.into_inner().unwrap(), ["1 10ms busy", "2 20ms busy"]);
}

/// A timer outside a runtime would panic.
#[test]
fn a_zero_delay_touches_no_timer() {
    let mut calls = 0;
    let retry = Retry::new(Backoff::none().jitter(Jitter::Full)).attempts(50);
    let run = retry.run(|| {
        calls += 1;
        ready(if calls < 50 { Err(Busy) } else { Ok(()) })
    });
    let polled = pin!(run).poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!((polled, calls), (Poll::Ready(Ok(())), 50));
}

#[tokio::test]
async fn endless_retries_without_delay_leave_room_for_others() {
    let calls = Arc::new(AtomicU32::new(0));
    let greedy = tokio::spawn({
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
    greedy.abort();
    let made = calls.load(Ordering::Relaxed);
    assert!((1..10_000).contains(&made), "{made} attempts in one go");
}

#[tokio::test(start_paused = true)]
async fn a_run_can_be_spawned_and_a_policy_used_again() {
    let heard = Arc::new(AtomicU32::new(0));
    let counter = heard.clone();
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
    assert_eq!(heard.load(Ordering::Relaxed), 3);
}

/// Without jitter all twenty come back together, in three bursts.
#[tokio::test(start_paused = true)]
async fn jitter_breaks_up_the_bursts_of_a_crowd() {
    assert_eq!(largest_burst(Jitter::None).await, 20);
    let burst = largest_burst(Jitter::Full).await;
    assert!(burst <= 5, "{burst} of 20 clients still came back together");
}

/// The most clients that made their second or third attempt in one millisecond.
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
async fn a_spent_budget_says_so_and_a_retry_that_is_not_made_costs_nothing() {
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

/// Dropped in an attempt and dropped in a delay: neither begins another attempt.
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

#[tokio::test(start_paused = true)]
async fn a_huge_delay_or_total_does_not_panic() {
    let retry = || Retry::new(Backoff::fixed(Duration::MAX));
    let run = always(retry().total(Duration::MAX), Busy);
    assert!(run.within(ms(50)).await.is_err(), "a delay without end ended");
    let (error, _) = always(retry().total(ms(50)), Busy).await;
    assert_eq!((error.attempts(), error.last()), (1, Some(&Busy)));
}
