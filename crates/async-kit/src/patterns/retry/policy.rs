//! A policy decides which failures are retried. It does not change during a run.

use std::time::Duration;

use super::{backoff::Backoff, budget::RetryBudget, error::AttemptError};

/// The argument of [`Retry::when`](super::Retry::when).
type When<'a, E> = Box<dyn Fn(&E) -> bool + Send + Sync + 'a>;
/// The argument of [`Retry::retry_after`](super::Retry::retry_after).
type RetryAfter<'a, E> = Box<dyn Fn(&E) -> Option<Duration> + Send + Sync + 'a>;
/// The argument of [`Retry::on_retry`](super::Retry::on_retry).
type OnRetry<'a, E> = Box<dyn Fn(u32, Duration, &AttemptError<E>) + Send + Sync + 'a>;

/// The settings of a retry.
pub(super) struct Policy<'a, E> {
    pub(super) backoff: Backoff,
    pub(super) attempts: u32,
    pub(super) attempt_timeout: Option<Duration>,
    pub(super) total: Option<Duration>,
    pub(super) when: Option<When<'a, E>>,
    pub(super) retry_after: Option<RetryAfter<'a, E>>,
    pub(super) on_retry: Option<OnRetry<'a, E>>,
    pub(super) budget: Option<RetryBudget>,
}

impl<'a, E> Policy<'a, E> {
    pub(super) fn new(backoff: Backoff) -> Self {
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

    /// Whether an attempt needs a timer.
    pub(super) fn has_limits(&self) -> bool {
        self.total.is_some() || self.attempt_timeout.is_some()
    }

    pub(super) fn is_retryable(&self, error: &E) -> bool {
        self.when.as_ref().is_none_or(|retryable| retryable(error))
    }

    /// The delay that the error itself demands. `Retry-After: 0`, or a date in the past, demands none.
    pub(super) fn hint(&self, failure: &AttemptError<E>) -> Option<Duration> {
        self.retry_after.as_ref()?(failure.error()?).filter(|hint| !hint.is_zero())
    }
}
