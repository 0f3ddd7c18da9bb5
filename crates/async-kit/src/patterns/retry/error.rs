//! A retry that failed says in which phase it gave up, and keeps the last cause.

use std::time::Duration;

use crate::patterns::deadline::TimedOut;

/// How one attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttemptError<E> {
    /// The operation returned this error.
    #[error(transparent)]
    Failed(E),
    /// The attempt was not ready within its own limit.
    #[error(transparent)]
    TimedOut(TimedOut),
}

impl<E> AttemptError<E> {
    /// Returns the operation's own error, unless the attempt timed out.
    pub fn error(&self) -> Option<&E> {
        match self {
            Self::Failed(error) => Some(error),
            Self::TimedOut(_) => None,
        }
    }

    /// Returns the operation's own error, unless the attempt timed out.
    pub fn into_error(self) -> Option<E> {
        match self {
            Self::Failed(error) => Some(error),
            Self::TimedOut(_) => None,
        }
    }
}

/// Why a retry gave up.
///
/// `attempts` is the number of attempts begun, the last one included. The last cause is the
/// error's `source`, so a report of the chain (`{:#}` of `anyhow`) shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RetryError<E> {
    /// All attempts were made, and the last one failed too.
    #[error("gave up after attempt {attempts}")]
    Exhausted {
        /// How many attempts were begun.
        attempts: u32,
        /// How the last one failed.
        #[source]
        last: AttemptError<E>,
    },
    /// The error is one that another attempt cannot mend.
    #[error("attempt {attempts} failed for good")]
    NotRetryable {
        /// How many attempts were begun.
        attempts: u32,
        /// What the last one returned.
        #[source]
        last: E,
    },
    /// The total time is over, or would be before the next attempt.
    #[error("out of time after attempt {attempts}: {total:?} in total")]
    OutOfTime {
        /// How many attempts were begun.
        attempts: u32,
        /// The time all attempts had together.
        total: Duration,
        /// How the last attempt that ended failed: `None` if the first one was cut short.
        #[source]
        last: Option<AttemptError<E>>,
    },
    /// The shared [`RetryBudget`](super::RetryBudget) has no retry left.
    #[error("no retry left in the budget after attempt {attempts}")]
    BudgetSpent {
        /// How many attempts were begun.
        attempts: u32,
        /// How the last one failed.
        #[source]
        last: AttemptError<E>,
    },
}

impl<E> RetryError<E> {
    /// Returns how many attempts were begun.
    pub fn attempts(&self) -> u32 {
        match *self {
            Self::Exhausted { attempts, .. }
            | Self::NotRetryable { attempts, .. }
            | Self::OutOfTime { attempts, .. }
            | Self::BudgetSpent { attempts, .. } => attempts,
        }
    }

    /// Returns the operation's own error of the last attempt that ended, unless that timed out.
    pub fn last(&self) -> Option<&E> {
        match self {
            Self::NotRetryable { last, .. } => Some(last),
            Self::Exhausted { last, .. } | Self::BudgetSpent { last, .. } => last.error(),
            Self::OutOfTime { last, .. } => last.as_ref()?.error(),
        }
    }

    /// Returns the operation's own error of the last attempt that ended, unless that timed out.
    pub fn into_last(self) -> Option<E> {
        match self {
            Self::NotRetryable { last, .. } => Some(last),
            Self::Exhausted { last, .. } | Self::BudgetSpent { last, .. } => {
                last.into_error()
            }
            Self::OutOfTime { last, .. } => last?.into_error(),
        }
    }
}
