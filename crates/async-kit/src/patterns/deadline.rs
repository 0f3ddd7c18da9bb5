//! A deadline is one budget of time that nested calls share.
//!
//! [`TimeLimit`] gives any future a limit: [`within`](TimeLimit::within) a duration of its own,
//! or [`by`](TimeLimit::by) a [`Deadline`] that it shares with others. The future is polled
//! first, so one that is ready at once needs neither the clock nor a timer.

use std::{
    future::{IntoFuture, pending},
    pin::{Pin, pin},
    task::{Context, Poll, ready},
    time::Duration,
};

use pin_project_lite::pin_project;
use tokio::{
    task::coop::{has_budget_remaining, unconstrained},
    time::{Instant, Sleep, sleep_until},
};

/// A point in time by which a whole job has to be done, however many steps it takes.
///
/// Answers to `asyncio.timeout_at`, but is a plain value: pass it down, and every call draws on
/// the same budget. Tokio's nearest type is [`Instant`], which neither knows how long the budget
/// was, nor can be "never".
///
/// # Examples
///
/// Three steps of 60 ms share 150 ms, so the third never ends:
///
/// ```
/// use std::time::Duration;
///
/// use async_kit::{Deadline, TimeLimit};
/// use tokio::time::sleep;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let deadline = Deadline::after(Duration::from_millis(150));
/// let mut done = 0;
/// while done < 3 && sleep(Duration::from_millis(60)).by(deadline).await.is_ok() {
///     done += 1;
/// }
/// assert_eq!(done, 2);
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// `None` is never.
    at: Option<Instant>,
    budget: Duration,
}

impl Deadline {
    /// Starts a budget: the deadline is that long from now.
    ///
    /// A budget that reaches beyond what the clock can say is [`never`](Self::never) over.
    #[must_use]
    pub fn after(budget: Duration) -> Self {
        Self { at: Instant::now().checked_add(budget), budget }
    }

    /// Makes a deadline that does not pass: `timeout(None)` in asyncio.
    #[must_use]
    pub const fn never() -> Self {
        Self { at: None, budget: Duration::MAX }
    }

    /// Keeps this deadline or one that is `budget` from now, whichever comes first.
    ///
    /// So a step gets a limit of its own and still cannot outlive the job.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use async_kit::{Deadline, TimeLimit, TimedOut};
    /// use tokio::time::sleep;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let job = Deadline::after(Duration::from_millis(150));
    /// let step = job.at_most(Duration::from_millis(100));
    /// let late = sleep(Duration::from_secs(1)).by(step).await;
    /// assert_eq!(late, Err(TimedOut::By(step)));
    ///
    /// // Only 50 ms are left of the job, so now the job's own deadline comes first.
    /// assert_eq!(job.at_most(Duration::from_millis(100)), job);
    /// # }
    /// ```
    #[must_use]
    pub fn at_most(self, budget: Duration) -> Self {
        self.min(Self::after(budget))
    }

    /// Keeps the earlier of two deadlines; of two that pass together, this one.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        match (self.at, other.at) {
            (Some(own), Some(others)) if others < own => other,
            (None, Some(_)) => other,
            _ => self,
        }
    }

    /// Returns how much time is left: zero once it has passed, [`Duration::MAX`] if it never
    /// does.
    #[must_use]
    pub fn remaining(self) -> Duration {
        self.at.map_or(Duration::MAX, |at| at.saturating_duration_since(Instant::now()))
    }

    /// Whether no time is left.
    #[must_use]
    pub fn has_passed(self) -> bool {
        self.at.is_some_and(|at| at <= Instant::now())
    }

    /// Returns the time it started with, for messages; [`remaining`](Self::remaining) is what
    /// is left.
    #[must_use]
    pub const fn budget(self) -> Duration {
        self.budget
    }

    /// Returns the instant, for Tokio's own `timeout_at` and `sleep_until`, or `None` for never.
    #[must_use]
    pub const fn instant(self) -> Option<Instant> {
        self.at
    }

    /// Waits until the deadline has passed.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime with time enabled.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a deadline passes whether somebody waits for it or not.
    pub async fn wait(self) {
        match self.at {
            Some(at) => sleep_until(at).await,
            None => pending().await,
        }
    }
}

/// Which limit passed before the future was ready.
///
/// Two limits around one future are two layers of `Result`, so an inner limit is never taken for
/// an outer one, nor for a timeout that the operation itself reports. asyncio has one
/// `TimeoutError` for all three; Tokio's `Elapsed` says nothing but that a limit passed.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use async_kit::{Deadline, TimeLimit, TimedOut};
/// use tokio::time::sleep;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let (step, job) = (Duration::from_millis(20), Deadline::after(Duration::from_millis(50)));
///
/// let inner = sleep(Duration::from_millis(40)).within(step).by(job).await;
/// assert_eq!(inner, Ok(Err(TimedOut::Within(step))));
///
/// let outer = sleep(Duration::from_millis(40)).by(job).await;
/// assert_eq!(outer, Err(TimedOut::By(job)));
/// assert_eq!(outer.unwrap_err().to_string(), "the deadline of 50ms passed");
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimedOut {
    /// The limit of its own, given to [`within`](TimeLimit::within).
    #[error("not ready within {0:?}")]
    Within(Duration),
    /// The shared deadline, given to [`by`](TimeLimit::by).
    #[error("the deadline of {:?} passed", .0.budget())]
    By(Deadline),
}

impl TimedOut {
    /// Starts the timer of this limit. A limit that never passes has none.
    fn timer(self) -> Option<Sleep> {
        let deadline = match self {
            Self::Within(limit) => Deadline::after(limit),
            Self::By(deadline) => deadline,
        };
        deadline.instant().map(sleep_until)
    }
}

/// Puts a time limit on any future.
///
/// The nearest asyncio names are `wait_for` and `timeout`. Where `wait_for` waits for the
/// victim's cleanup, and may even return its late value, here the victim is dropped at the limit.
/// Tokio's nearest function is `timeout`; this one reads left to right, makes its timer only for
/// a future that has to wait, and its error says which limit passed.
///
/// No limit interrupts code that does not await: a future that blocks for a second and is then
/// ready is `Ok`, whatever its limit was.
pub trait TimeLimit: IntoFuture + Sized {
    /// Allows the future `limit` from its first wait on; any duration is fine, and one too long
    /// for the clock is no limit.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{future::pending, time::Duration};
    ///
    /// use async_kit::{TimeLimit, TimedOut};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let limit = Duration::from_millis(200);
    /// assert_eq!(async { 7 }.within(limit).await, Ok(7));
    /// assert_eq!(pending::<u8>().within(limit).await, Err(TimedOut::Within(limit)));
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`TimedOut::Within`] if the limit passes first. A future that is ready in the same tick
    /// wins, as in Tokio (in asyncio the timeout does).
    ///
    /// # Panics
    ///
    /// If the future has to wait outside a Tokio runtime with time enabled.
    ///
    /// # Cancel safety
    ///
    /// As cancel safe as the future itself: at the limit it is dropped.
    fn within(self, limit: Duration) -> Limited<Self::IntoFuture> {
        Limited::new(self.into_future(), TimedOut::Within(limit))
    }

    /// Allows the future whatever is left of a shared `deadline`.
    ///
    /// It is polled at least once, even after the deadline.
    ///
    /// # Errors
    ///
    /// [`TimedOut::By`] if the deadline passes first. A future that is ready in the same tick
    /// wins.
    ///
    /// # Panics
    ///
    /// If the future has to wait outside a Tokio runtime with time enabled.
    ///
    /// # Cancel safety
    ///
    /// As cancel safe as the future itself: at the deadline it is dropped.
    fn by(self, deadline: Deadline) -> Limited<Self::IntoFuture> {
        Limited::new(self.into_future(), TimedOut::By(deadline))
    }
}

impl<F: IntoFuture> TimeLimit for F {}

pin_project! {
    /// The future of [`TimeLimit::within`] and [`TimeLimit::by`].
    #[derive(Debug)]
    #[must_use = "a time limit does nothing unless its future is awaited"]
    pub struct Limited<F> {
        #[pin]
        future: F,
        limit: TimedOut,
        #[pin]
        timer: Option<Sleep>,
    }
}

impl<F> Limited<F> {
    fn new(future: F, limit: TimedOut) -> Self {
        Self { future, limit, timer: None }
    }
}

impl<F: Future> Future for Limited<F> {
    type Output = Result<F::Output, TimedOut>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let had_budget = has_budget_remaining();
        if let Poll::Ready(output) = this.future.poll(cx) {
            return Poll::Ready(Ok(output));
        }
        if this.timer.is_none() {
            this.timer.set(this.limit.timer());
        }
        let Some(timer) = this.timer.as_pin_mut() else {
            return Poll::Pending;
        };
        ready!(poll_timer(timer, had_budget, cx));
        Poll::Ready(Err(*this.limit))
    }
}

/// A future that used up its task's cooperative budget must not thereby escape its limit: Tokio
/// lets no timer fire in such a task, so then this one is asked outside the budget.
pub(super) fn poll_timer(
    timer: Pin<&mut Sleep>,
    had_budget: bool,
    cx: &mut Context<'_>,
) -> Poll<()> {
    match had_budget && !has_budget_remaining() {
        true => pin!(unconstrained(timer)).poll(cx),
        false => timer.poll(cx),
    }
}

#[cfg(test)]
mod tests {
    use std::{future::ready, sync::Arc, task::Waker};

    use tokio::{
        task::{consume_budget, yield_now},
        time::{advance, sleep},
    };

    use super::*;

    const STEP: Duration = Duration::from_millis(60);
    const JOB: Duration = Duration::from_millis(150);

    /// A timer outside a runtime would panic.
    #[test]
    fn a_future_that_is_ready_at_once_needs_no_timer() {
        let mut limited = pin!(ready(7).within(STEP).by(Deadline::after(JOB)));
        let polled = limited.as_mut().poll(&mut Context::from_waker(Waker::noop()));
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
    async fn the_victim_is_dropped_at_the_limit_not_later() {
        let (start, victim) = (Instant::now(), Arc::new(()));
        let held = victim.clone();
        let slow = async move {
            let _held = held;
            sleep(Duration::from_secs(5)).await;
        };
        let outcome = slow.within(STEP).await;
        assert_eq!(outcome, Err(TimedOut::Within(STEP)));
        assert_eq!((start.elapsed(), Arc::strong_count(&victim)), (STEP, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn nested_limits_say_which_one_passed() {
        let job = Deadline::after(JOB);
        let inner = sleep(JOB * 2).within(STEP).by(job).await;
        assert_eq!(inner, Ok(Err(TimedOut::Within(STEP))));
        let outer = sleep(JOB * 2).within(JOB * 2).by(job).await;
        assert_eq!(outer, Err(TimedOut::By(job)));
    }

    #[tokio::test(start_paused = true)]
    async fn the_operations_own_timeout_is_not_the_limits() {
        let own: Result<(), &str> = Err("socket timed out");
        assert_eq!(async { own }.within(STEP).await, Ok(own));
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_is_ready_in_the_limits_tick_wins() {
        assert_eq!(sleep(STEP).within(STEP).await, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_passed_deadline_still_lets_a_ready_future_through() {
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
    async fn the_earlier_of_two_deadlines_counts() {
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

    /// The greedy future is never idle, so the clock is moved by hand.
    #[tokio::test(start_paused = true)]
    async fn a_future_that_burns_its_budget_still_meets_its_limit() {
        let greedy = async {
            loop {
                consume_budget().await;
            }
        };
        let limited = tokio::spawn(async { greedy.within(STEP).await });
        yield_now().await;
        advance(STEP).await;
        for _ in 0..100 {
            yield_now().await;
        }
        let finished = limited.is_finished();
        limited.abort();
        assert!(finished, "still running after {STEP:?}");
    }
}
