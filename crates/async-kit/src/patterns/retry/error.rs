//! The error of a retry states why it gave up, and keeps the last cause.

use std::{error::Error, fmt, time::Duration};

use super::super::deadline::TimedOut;

/// How one attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptError<E> {
    /// The operation returned this error.
    Failed(E),
    /// The attempt did not end within this time limit.
    TimedOut(Duration),
}

impl<E> AttemptError<E> {
    /// Returns the error of the operation, or `None` if the attempt timed out.
    pub fn error(&self) -> Option<&E> {
        match self {
            Self::Failed(error) => Some(error),
            Self::TimedOut(_) => None,
        }
    }

    /// Returns the error of the operation, or `None` if the attempt timed out.
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
/// `source` of this error, so `{:#}` of an `anyhow::Error` shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryError<E> {
    /// All allowed attempts were made, and the last one failed.
    Exhausted {
        /// How many attempts were begun.
        attempts: u32,
        /// How the last one failed.
        last: AttemptError<E>,
    },
    /// [`Retry::when`](super::Retry::when) returned `false` for the error.
    NotRetryable {
        /// How many attempts were begun.
        attempts: u32,
        /// What the last one returned.
        last: E,
    },
    /// The total time is over, or would be over before the next attempt.
    OutOfTime {
        /// How many attempts were begun.
        attempts: u32,
        /// The total time that was allowed.
        total: Duration,
        /// How the last attempt that ended failed: `None` if the time was over during the first.
        last: Option<AttemptError<E>>,
    },
    /// The shared [`RetryBudget`](super::RetryBudget) has no retry left.
    BudgetSpent {
        /// How many attempts were begun.
        attempts: u32,
        /// How the last one failed.
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

    /// Returns the error of the operation from the last attempt that ended, or `None` if that
    /// attempt timed out.
    pub fn last(&self) -> Option<&E> {
        match self {
            Self::NotRetryable { last, .. } => Some(last),
            Self::Exhausted { last, .. } | Self::BudgetSpent { last, .. } => last.error(),
            Self::OutOfTime { last, .. } => last.as_ref()?.error(),
        }
    }

    /// Returns the error of the operation from the last attempt that ended, or `None` if that
    /// attempt timed out.
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

impl<E: fmt::Display> fmt::Display for AttemptError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => error.fmt(f),
            Self::TimedOut(limit) => TimedOut::Within(*limit).fmt(f),
        }
    }
}

// The text of an `AttemptError` is the text of its cause. So its source is the source of its cause,
// and no text is printed twice.
impl<E: Error> Error for AttemptError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed(error) => error.source(),
            Self::TimedOut(_) => None,
        }
    }
}

impl<E> fmt::Display for RetryError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attempts = self.attempts();
        match self {
            Self::Exhausted { .. } => write!(f, "gave up after attempt {attempts}"),
            Self::NotRetryable { .. } => {
                write!(f, "attempt {attempts} failed permanently")
            }
            Self::OutOfTime { total, .. } => {
                write!(f, "out of time after attempt {attempts}: {total:?} in total")
            }
            Self::BudgetSpent { .. } => {
                write!(f, "no retry left in the budget after attempt {attempts}")
            }
        }
    }
}

impl<E: Error + 'static> Error for RetryError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NotRetryable { last, .. } => Some(last),
            Self::Exhausted { last, .. } | Self::BudgetSpent { last, .. } => Some(last),
            Self::OutOfTime { last, .. } => Some(last.as_ref()?),
        }
    }
}
