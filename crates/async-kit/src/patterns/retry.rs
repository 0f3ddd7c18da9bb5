//! A retry repeats what may pass next time, and keeps the last cause of what does not.
//!
//! Read [`Backoff`] for how long it waits, [`RetryBudget`] for what keeps a crowd of callers
//! from multiplying an outage, and [`RetryError`] for why it gave up.

mod backoff;
mod budget;
mod error;
mod status;
#[cfg(test)]
mod tests;

use std::{fmt, time::Duration};

use tokio::{
    task::yield_now,
    time::{Instant, sleep},
};

pub use self::{
    backoff::{Backoff, Delays, Jitter},
    budget::RetryBudget,
    error::{AttemptError, RetryError},
    status::is_transient_status,
};
use super::deadline::{Deadline, TimeLimit, TimedOut};

/// What [`Retry::when`] is given.
type When<'a, E> = Box<dyn Fn(&E) -> bool + Send + Sync + 'a>;
/// What [`Retry::retry_after`] is given.
type RetryAfter<'a, E> = Box<dyn Fn(&E) -> Option<Duration> + Send + Sync + 'a>;
/// What [`Retry::on_retry`] is given.
type OnRetry<'a, E> = Box<dyn Fn(u32, Duration, &AttemptError<E>) + Send + Sync + 'a>;

/// How often, how long and after which errors to try again: a policy for any number of runs.
///
/// Neither asyncio nor Tokio has one; in both one writes the loop by hand, and forgets one of
/// the questions that the settings below ask.
///
/// Settings, with what holds if they are not set: [`attempts`](Self::attempts) (3),
/// [`attempt_timeout`](Self::attempt_timeout) (none), [`total`](Self::total) (none),
/// [`when`](Self::when) (any error), [`retry_after`](Self::retry_after) (never),
/// [`on_retry`](Self::on_retry) (nothing), [`budget`](Self::budget) (none).
///
/// # Examples
///
/// ```
/// use std::{future::ready, time::Duration};
///
/// use async_kit::{Backoff, Jitter, Retry};
///
/// #[derive(Debug, thiserror::Error)]
/// #[error("status {0}")]
/// struct Status(u16);
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let mut answers = [Err(Status(503)), Err(Status(503)), Ok("hello")].into_iter();
///
/// let backoff = Backoff::exponential(Duration::from_millis(100)).jitter(Jitter::Full);
/// let body = Retry::new(backoff)
///     .attempts(5)
///     .total(Duration::from_secs(10))
///     .when(|status: &Status| status.0 >= 500)
///     .on_retry(|attempt, delay, e| println!("attempt {attempt}: {e}, again in {delay:?}"))
///     .run(|| ready(answers.next().unwrap()))
///     .await;
/// assert_eq!(body.unwrap(), "hello");
/// # }
/// ```
#[must_use = "a retry does nothing until it runs an operation"]
pub struct Retry<'a, E> {
    backoff: Backoff,
    attempts: u32,
    attempt_timeout: Option<Duration>,
    total: Option<Duration>,
    when: Option<When<'a, E>>,
    retry_after: Option<RetryAfter<'a, E>>,
    on_retry: Option<OnRetry<'a, E>>,
    budget: Option<RetryBudget>,
}

impl<'a, E> Retry<'a, E> {
    /// Makes a policy of at most three attempts, with these delays between them.
    pub fn new(backoff: Backoff) -> Self {
        Self {
            backoff,
            attempts: 3,
            attempt_timeout: None,
            total: None,
            when: None,
            retry_after: None,
            on_retry: None,
            budget: None,
        }
    }

    /// Makes at most so many attempts, the first one included; `u32::MAX` is as good as endless.
    ///
    /// # Panics
    ///
    /// If `attempts` is zero: an operation that is never called has no outcome.
    #[track_caller]
    pub fn attempts(self, attempts: u32) -> Self {
        assert!(attempts > 0, "a retry makes at least one attempt");
        Self { attempts, ..self }
    }

    /// Allows each attempt so long, from its first wait on. One that is late counts as failed
    /// and may be repeated, whatever [`when`](Self::when) says, for it has no error to judge.
    pub fn attempt_timeout(self, limit: Duration) -> Self {
        Self { attempt_timeout: Some(limit), ..self }
    }

    /// Allows all attempts and delays together so long.
    ///
    /// A delay that leaves no time for another attempt is not slept in vain: the run fails at
    /// once.
    pub fn total(self, limit: Duration) -> Self {
        Self { total: Some(limit), ..self }
    }

    /// Repeats only errors for which `retryable` is true; any other ends the run at once.
    ///
    /// A closure that looks into the error names its type, `|e: &FetchError| …`; a path such as
    /// `FetchError::is_transient` needs nothing.
    pub fn when(self, retryable: impl Fn(&E) -> bool + Send + Sync + 'a) -> Self {
        Self { when: Some(Box::new(retryable)), ..self }
    }

    /// Waits for as long as the error itself asks, as HTTP's `Retry-After` does; `None` leaves
    /// it to the backoff. No maximum and no jitter apply, [`total`](Self::total) does.
    pub fn retry_after(
        self,
        hint: impl Fn(&E) -> Option<Duration> + Send + Sync + 'a,
    ) -> Self {
        Self { retry_after: Some(Box::new(hint)), ..self }
    }

    /// Calls `heard(attempt, delay, error)` before each delay: which attempt has failed (from
    /// 1), how long the next one waits, and why. Not called when the run gives up.
    pub fn on_retry(
        self,
        heard: impl Fn(u32, Duration, &AttemptError<E>) + Send + Sync + 'a,
    ) -> Self {
        Self { on_retry: Some(Box::new(heard)), ..self }
    }

    /// Takes every retry out of a budget that others share. A first attempt is always allowed.
    pub fn budget(self, budget: &RetryBudget) -> Self {
        Self { budget: Some(budget.clone()), ..self }
    }

    /// Calls `operation` until it succeeds or there is a reason to give up.
    ///
    /// A zero delay touches no timer; the next attempt follows in the same tick.
    ///
    /// The operation is `async || …`, which may use everything around it but change nothing. An
    /// operation that changes something does so first, and then returns its future:
    /// `|| { calls += 1; async { … } }`. (`AsyncFnMut` would allow both in one, but today's
    /// compiler then refuses to spawn a run that borrows. This future is `Send` if the
    /// operation and its futures are.)
    ///
    /// # Errors
    ///
    /// [`RetryError`], whose variant says why it gave up, with the last cause.
    ///
    /// # Panics
    ///
    /// If it has to wait for time outside a Tokio runtime with time enabled.
    ///
    /// # Cancel safety
    ///
    /// As cancel safe as the operation: a dropped run drops the attempt it is in, or its delay,
    /// and begins no other. What earlier attempts did remains, and so do the retries they took
    /// out of the budget.
    pub async fn run<T, F>(
        &self,
        mut operation: impl FnMut() -> F,
    ) -> Result<T, RetryError<E>>
    where
        F: Future<Output = Result<T, E>>,
    {
        let mut course = Course::begin(self);
        loop {
            course.attempts += 1;
            // Where no limit is set, room for two timers would be what a retry costs most.
            let failure = if self.has_limits() {
                match self.limited(operation(), course.total()).await {
                    Ok(Ok(value)) => return Ok(value),
                    Ok(Err(failure)) => failure,
                    Err(_total) => return Err(course.out_of_time()),
                }
            } else {
                match operation().await {
                    Ok(value) => return Ok(value),
                    Err(error) => AttemptError::Failed(error),
                }
            };
            let delay = course.after(failure)?;
            pause(delay, course.attempts).await;
        }
    }

    fn has_limits(&self) -> bool {
        self.total.is_some() || self.attempt_timeout.is_some()
    }

    /// Makes one attempt; the outer error is the total's.
    async fn limited<T>(
        &self,
        operation: impl Future<Output = Result<T, E>>,
        total: Deadline,
    ) -> Result<Result<T, AttemptError<E>>, TimedOut> {
        let limit = self.attempt_timeout.unwrap_or(Duration::MAX);
        Ok(match operation.within(limit).by(total).await? {
            Ok(outcome) => outcome.map_err(AttemptError::Failed),
            Err(_late) => Err(AttemptError::TimedOut(limit)),
        })
    }

    fn is_retryable(&self, error: &E) -> bool {
        self.when.as_ref().is_none_or(|retryable| retryable(error))
    }

    fn hint(&self, failure: &AttemptError<E>) -> Option<Duration> {
        self.retry_after.as_ref()?(failure.error()?)
    }
}

impl<E> fmt::Debug for Retry<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry")
            .field("backoff", &self.backoff)
            .field("attempts", &self.attempts)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("total", &self.total)
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}

/// How many attempts follow each other without a delay before other tasks get a chance: as many
/// steps as Tokio lets a task make in one go.
const IN_ONE_GO: u32 = 128;

/// `sleep(0)` would wait for the timer's next tick. But an operation that fails without ever
/// waiting must not keep the thread to itself.
async fn pause(delay: Duration, attempts: u32) {
    if !delay.is_zero() {
        sleep(delay).await;
    } else if attempts.is_multiple_of(IN_ONE_GO) {
        yield_now().await;
    }
}

/// One run of a policy: what has happened so far.
struct Course<'r, 'a, E> {
    policy: &'r Retry<'a, E>,
    /// When the total is over; `None` without one.
    end: Option<Instant>,
    /// Made at the first failure, which most runs never see.
    delays: Option<Delays>,
    attempts: u32,
    last: Option<AttemptError<E>>,
}

impl<'r, 'a, E> Course<'r, 'a, E> {
    fn begin(policy: &'r Retry<'a, E>) -> Self {
        if let Some(budget) = &policy.budget {
            budget.deposit();
        }
        Self {
            policy,
            end: policy.total.and_then(|total| Deadline::after(total).instant()),
            delays: None,
            attempts: 0,
            last: None,
        }
    }

    /// Decides, after a failure, how long to wait for the next attempt, or why there is none.
    fn after(&mut self, last: AttemptError<E>) -> Result<Duration, RetryError<E>> {
        let attempts = self.attempts;
        match last {
            AttemptError::Failed(ref error) if self.policy.is_retryable(error) => {}
            AttemptError::TimedOut(_) => {}
            AttemptError::Failed(last) => {
                return Err(RetryError::NotRetryable { attempts, last });
            }
        }
        if attempts >= self.policy.attempts {
            return Err(RetryError::Exhausted { attempts, last });
        }
        let delay = self.delay(&last);
        if !self.leaves_time_after(delay) {
            self.last = Some(last);
            return Err(self.out_of_time());
        }
        // Last of all, for a retry taken out of the budget has to be made.
        if self.policy.budget.as_ref().is_some_and(|budget| !budget.try_withdraw()) {
            return Err(RetryError::BudgetSpent { attempts, last });
        }
        if let Some(heard) = &self.policy.on_retry {
            heard(attempts, delay, &last);
        }
        self.last = Some(last);
        Ok(delay)
    }

    /// The backoff grows on every failure, also where a hint takes its place.
    fn delay(&mut self, failure: &AttemptError<E>) -> Duration {
        let delays = self.delays.get_or_insert_with(|| self.policy.backoff.delays());
        let delay = delays.next().unwrap_or(Duration::MAX);
        self.policy.hint(failure).unwrap_or(delay)
    }

    fn total(&self) -> Deadline {
        Deadline::ending(self.end, self.policy.total.unwrap_or(Duration::MAX))
    }

    fn leaves_time_after(&self, delay: Duration) -> bool {
        self.end.is_none_or(|end| delay < end.saturating_duration_since(Instant::now()))
    }

    fn out_of_time(&mut self) -> RetryError<E> {
        let attempts = self.attempts;
        let total = self.total().budget();
        RetryError::OutOfTime { attempts, total, last: self.last.take() }
    }
}
