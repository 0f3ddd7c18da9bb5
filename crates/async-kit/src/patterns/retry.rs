//! A retry repeats an operation that may succeed next time, and keeps the cause of the last failure.
//!
//! [`Backoff`] decides how long it waits, [`RetryBudget`] limits the load that the retries of many
//! callers add during an outage, and [`RetryError`] states why the retry gave up.

mod backoff;
mod budget;
mod error;
mod policy;
mod state;
mod status;

use std::{fmt, time::Duration};

use tokio::task::yield_now;

pub use self::{
    backoff::{Backoff, Delays, Jitter},
    budget::RetryBudget,
    error::{AttemptError, RetryError},
    status::is_transient_status,
};
use self::{policy::Policy, state::RetryState};
use super::deadline::{Deadline, TimeLimit, TimedOut};

/// A policy for any number of runs: how many times, for how long and after which errors to retry.
///
/// Neither asyncio nor Tokio has one. A loop written by hand often lacks one of the settings below.
///
/// # Settings
///
/// | setting | default |
/// |---|---|
/// | [`attempts`](Self::attempts) | 3, the first one included |
/// | [`attempt_timeout`](Self::attempt_timeout) | none |
/// | [`total`](Self::total) | none |
/// | [`when`](Self::when) | any error is retried |
/// | [`retry_after`](Self::retry_after) | the backoff decides alone |
/// | [`on_retry`](Self::on_retry) | calls nothing |
/// | [`budget`](Self::budget) | none |
///
/// # Idempotence
///
/// An attempt that failed may still have had its effect: a response can be lost after the server has
/// done its work. So the operation must be idempotent.
///
/// # Examples
///
/// ```
/// use std::{future::ready, time::Duration};
///
/// use async_kit::{Backoff, Jitter, Retry};
///
/// #[derive(Debug)]
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
///     .on_retry(|attempt, delay, e| println!("attempt {attempt}: {e:?}, next in {delay:?}"))
///     .run(|| ready(answers.next().unwrap()))
///     .await;
/// assert_eq!(body.unwrap(), "hello");
/// # }
/// ```
#[must_use = "a retry does nothing until it runs an operation"]
pub struct Retry<'a, E> {
    policy: Policy<'a, E>,
}

impl<'a, E> Retry<'a, E> {
    /// Makes a policy of at most three attempts, with these delays between them.
    pub fn new(backoff: Backoff) -> Self {
        Self { policy: Policy::new(backoff) }
    }

    /// Limits the number of attempts, the first one included. `u32::MAX` is practically no limit.
    ///
    /// # Panics
    ///
    /// Panics if `attempts` is zero: an operation that is never called has no outcome.
    #[track_caller]
    pub fn attempts(mut self, attempts: u32) -> Self {
        assert!(attempts > 0, "a retry makes at least one attempt");
        self.policy.attempts = attempts;
        self
    }

    /// Limits the time of each attempt. The time starts when the attempt first has to wait.
    ///
    /// An attempt that times out has failed and is retried. [`when`](Self::when) is not called for
    /// it, because there is no error to pass.
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.policy.attempt_timeout = Some(limit);
        self
    }

    /// Limits the time of all attempts and delays together.
    ///
    /// If a delay would leave no time for another attempt, the run fails immediately, without the
    /// delay.
    pub fn total(mut self, limit: Duration) -> Self {
        self.policy.total = Some(limit);
        self
    }

    /// Retries only after errors for which `retryable` returns `true`. After any other error the
    /// run fails immediately.
    ///
    /// A closure has to name the type of the error, `|e: &FetchError| …`; a path such as
    /// `FetchError::is_transient` does not need to.
    pub fn when(mut self, retryable: impl Fn(&E) -> bool + Send + Sync + 'a) -> Self {
        self.policy.when = Some(Box::new(retryable));
        self
    }

    /// Takes the delay from the error itself, for example from HTTP's `Retry-After`. If `hint`
    /// returns `None` or zero, the backoff determines the delay: a server that names no delay does not
    /// ask its clients to retry without one. The maximum and the jitter of the backoff
    /// do not apply to a hint; [`total`](Self::total) does.
    pub fn retry_after(
        mut self,
        hint: impl Fn(&E) -> Option<Duration> + Send + Sync + 'a,
    ) -> Self {
        self.policy.retry_after = Some(Box::new(hint));
        self
    }

    /// Calls `callback(attempt, delay, error)` before each delay: the number of the attempt that
    /// failed (from 1), the delay before the next one, and the error. It is not called if the run
    /// gives up.
    pub fn on_retry(
        mut self,
        callback: impl Fn(u32, Duration, &AttemptError<E>) + Send + Sync + 'a,
    ) -> Self {
        self.policy.on_retry = Some(Box::new(callback));
        self
    }

    /// Takes every retry from a budget that many callers share. A first attempt is always allowed.
    pub fn budget(mut self, budget: &RetryBudget) -> Self {
        self.policy.budget = Some(budget.clone());
        self
    }

    /// Calls `operation` until it succeeds or there is a reason to give up.
    ///
    /// A zero delay starts no timer; the next attempt follows in the same tick.
    ///
    /// The operation is `async || …`, which may read its environment but not change it. If it has to
    /// change something, do that first and then return a future: `|| { calls += 1; async { … } }`.
    /// (`AsyncFnMut` would allow both, but today's compiler then refuses to spawn a run that borrows.
    /// This future is `Send` if the operation and its futures are.)
    ///
    /// # Errors
    ///
    /// [`RetryError`], whose variant states why the run gave up, with the last cause.
    ///
    /// # Panics
    ///
    /// Panics if it has to wait for a delay or a time limit outside a Tokio runtime with time
    /// enabled.
    ///
    /// # Cancel safety
    ///
    /// As cancel safe as the operation: a dropped run drops its current attempt or delay, and begins
    /// no other attempt. The effects of earlier attempts remain, and so do the retries that they took
    /// from the budget.
    pub async fn run<T, F>(
        &self,
        mut operation: impl FnMut() -> F,
    ) -> Result<T, RetryError<E>>
    where
        F: Future<Output = Result<T, E>>,
    {
        let mut state = RetryState::new(&self.policy);
        loop {
            state.attempts += 1;
            // Without a limit there is no need for two timers, which would be most of the cost.
            let failure = if self.policy.has_limits() {
                match self.limited(operation(), state.deadline()).await {
                    Ok(Ok(value)) => return Ok(value),
                    Ok(Err(failure)) => failure,
                    Err(_total) => return Err(state.out_of_time()),
                }
            } else {
                match operation().await {
                    Ok(value) => return Ok(value),
                    Err(error) => AttemptError::Failed(error),
                }
            };
            let delay = state.next_delay(failure)?;
            wait(delay, state.attempts).await;
        }
    }

    /// Makes one attempt. The outer error means that the total time is over.
    async fn limited<T>(
        &self,
        operation: impl Future<Output = Result<T, E>>,
        total: Deadline,
    ) -> Result<Result<T, AttemptError<E>>, TimedOut> {
        let limit = self.policy.attempt_timeout.unwrap_or(Duration::MAX);
        Ok(match operation.within(limit).by(total).await? {
            Ok(outcome) => outcome.map_err(AttemptError::Failed),
            Err(_attempt) => Err(AttemptError::TimedOut(limit)),
        })
    }
}

impl<E> fmt::Debug for Retry<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry")
            .field("backoff", &self.policy.backoff)
            .field("attempts", &self.policy.attempts)
            .field("attempt_timeout", &self.policy.attempt_timeout)
            .field("total", &self.policy.total)
            .field("budget", &self.policy.budget)
            .finish_non_exhaustive()
    }
}

/// How many attempts without a delay follow each other before the task yields. Tokio's cooperative
/// budget has the same number of steps, but taking each step from it costs more than the rest of a retry.
const ATTEMPTS_PER_YIELD: u32 = 128;

/// Waits for the delay before the next attempt. `sleep(0)` would wait for the timer's next tick, so
/// a zero delay returns immediately. But an operation that fails without ever waiting must not
/// starve the other tasks of its thread.
async fn wait(delay: Duration, attempts: u32) {
    if !delay.is_zero() {
        Deadline::after(delay).wait().await;
    } else if attempts.is_multiple_of(ATTEMPTS_PER_YIELD) {
        yield_now().await;
    }
}
