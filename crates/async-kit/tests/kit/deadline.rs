//! A deadline and a limit are exact to the millisecond, whatever the future does.

use std::{
    future::{pending, ready},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use async_kit::{Deadline, TimeLimit, TimedOut};
use tokio::{
    task::{consume_budget, yield_now},
    time::{Instant, advance, sleep},
};

use crate::{last_instant::until_the_last_instant, manual_task::poll_once};

const STEP: Duration = Duration::from_millis(60);
const JOB: Duration = Duration::from_millis(150);

/// A timer outside a runtime would panic.
#[test]
fn a_future_that_is_ready_immediately_needs_no_timer() {
    let mut limited = pin!(ready(7).within(STEP).by(Deadline::after(JOB)));
    let polled = poll_once(limited.as_mut());
    assert_eq!(polled, Poll::Ready(Ok(Ok(7))));
}

/// ```text
/// 0      60      120     150
/// ███████│███████│████⊘         one budget for three steps
/// ```
#[tokio::test(start_paused = true)]
async fn steps_share_one_deadline() {
    let (start, deadline) = (Instant::now(), Deadline::after(JOB));
    let mut ended = Vec::new();
    for _ in 0..3 {
        let step = sleep(STEP).by(deadline).await;
        ended.push((start.elapsed().as_millis(), step));
    }
    let late = Err(TimedOut::By(deadline));
    assert_eq!(ended, [(60, Ok(())), (120, Ok(())), (150, late)]);
}

#[tokio::test(start_paused = true)]
async fn the_future_is_dropped_at_the_limit_not_later() {
    let (start, resource) = (Instant::now(), Arc::new(()));
    let held = resource.clone();
    let slow = async move {
        let _held = held;
        sleep(Duration::from_secs(5)).await;
    };
    let outcome = slow.within(STEP).await;
    assert_eq!(outcome, Err(TimedOut::Within(STEP)));
    assert_eq!((start.elapsed(), Arc::strong_count(&resource)), (STEP, 1));
}

#[tokio::test(start_paused = true)]
async fn the_error_of_nested_limits_contains_the_limit_that_expired() {
    let job = Deadline::after(JOB);
    let inner = sleep(JOB * 2).within(STEP).by(job).await;
    assert_eq!(inner, Ok(Err(TimedOut::Within(STEP))));
    let outer = sleep(JOB * 2).within(JOB * 2).by(job).await;
    assert_eq!(outer, Err(TimedOut::By(job)));
}

#[tokio::test(start_paused = true)]
async fn a_timeout_of_the_operation_is_not_confused_with_the_limit() {
    let own: Result<(), &str> = Err("socket timed out");
    assert_eq!(async { own }.within(STEP).await, Ok(own));
}

#[tokio::test(start_paused = true)]
async fn a_future_that_is_ready_in_the_tick_of_its_limit_succeeds() {
    assert_eq!(sleep(STEP).within(STEP).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_ready_future_succeeds_even_after_its_deadline() {
    let deadline = Deadline::after(Duration::ZERO);
    assert!(deadline.has_passed(), "{deadline:?}");
    assert_eq!(ready(7).by(deadline).await, Ok(7));
    assert_eq!(pending::<u8>().by(deadline).await, Err(TimedOut::By(deadline)));
}

#[tokio::test(start_paused = true)]
async fn a_huge_limit_is_no_limit() {
    let (start, endless) = (Instant::now(), Deadline::after(Duration::MAX));
    assert_eq!(endless, Deadline::never());
    assert_eq!(endless.remaining(), Duration::MAX);
    assert!(!endless.has_passed(), "{endless:?}");
    let day = Duration::from_secs(24 * 3600);
    assert_eq!(sleep(day).within(Duration::MAX).by(endless).await, Ok(Ok(())));
    assert_eq!(start.elapsed(), day);
}

#[tokio::test(start_paused = true)]
async fn a_limit_at_the_last_instant_of_the_clock_is_no_limit() {
    let limit = until_the_last_instant();
    assert_eq!(Deadline::after(limit).instant(), None, "Tokio's timer panics there");
    assert_eq!(sleep(JOB).within(limit).by(Deadline::after(limit)).await, Ok(Ok(())));
    assert_eq!(
        Deadline::after(limit).wait().within(JOB).await,
        Err(TimedOut::Within(JOB))
    );
    // A millisecond earlier the timer works.
    let limit = until_the_last_instant() - Duration::from_millis(1);
    assert!(Deadline::after(limit).instant().is_some());
    assert_eq!(sleep(JOB).within(limit).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_deadline_counts_down_to_zero_and_stays_there() {
    let deadline = Deadline::after(JOB);
    advance(STEP).await;
    assert_eq!((deadline.remaining(), deadline.has_passed()), (JOB - STEP, false));
    deadline.wait().await;
    assert_eq!((deadline.remaining(), deadline.has_passed()), (Duration::ZERO, true));
    advance(STEP).await;
    assert_eq!((deadline.remaining(), deadline.budget()), (Duration::ZERO, JOB));
}

#[tokio::test(start_paused = true)]
async fn the_earlier_of_two_deadlines_applies() {
    let (soon, late) = (Deadline::after(STEP), Deadline::after(JOB));
    for (one, other) in [(soon, late), (late, soon)] {
        assert_eq!(one.min(other), soon);
    }
    for (one, other) in [(soon, Deadline::never()), (Deadline::never(), soon)] {
        assert_eq!(one.min(other), soon);
    }
    assert_eq!(late.at_most(STEP), soon);
    assert_eq!(soon.at_most(Duration::MAX), soon);
}

#[tokio::test(start_paused = true)]
async fn of_two_equal_deadlines_the_first_applies() {
    let early = Deadline::after(JOB);
    advance(JOB - STEP).await;
    let late = Deadline::after(STEP);
    assert_eq!(early.min(late).budget(), JOB);
    assert_eq!(late.min(early).budget(), STEP);
}

/// Each limit has expired when it is polled first.
#[tokio::test(start_paused = true)]
async fn a_task_whose_limits_expire_immediately_yields_to_other_tasks() {
    let limits = tokio::spawn(async {
        for _ in 0..10_000 {
            pending::<()>().within(Duration::ZERO).await.expect_err("it never ends");
        }
    });
    yield_now().await;
    assert!(!limits.is_finished(), "it did not yield");
    limits.await.expect("no panic");
}

/// The busy future is never idle, so the test advances the clock.
#[tokio::test(start_paused = true)]
async fn a_future_that_uses_up_its_budget_still_times_out() {
    let busy = async {
        loop {
            consume_budget().await;
        }
    };
    let limited = tokio::spawn(async { busy.within(STEP).await });
    yield_now().await;
    advance(STEP).await;
    for _ in 0..100 {
        yield_now().await;
    }
    let finished = limited.is_finished();
    limited.abort();
    assert!(finished, "still running after {STEP:?}");
}
