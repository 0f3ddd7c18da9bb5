//! A deadline is one budget of time that nested calls share.
//!
//! [`TimeLimit`] gives any future a limit: [`within`](TimeLimit::within) a duration of its own,
//! or [`by`](TimeLimit::by) a [`Deadline`] that it shares with others. The future is polled
//! first, so one that is ready at once needs neither the clock nor a timer.

mod limit;
#[cfg(test)]
mod tests;

use std::{future::pending, time::Duration};

use tokio::time::{Instant, sleep_until};

pub(super) use self::limit::poll_timer;
pub use self::limit::{Limited, TimeLimit, TimedOut};

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

    /// Takes up a deadline again whose end is all that was kept.
    pub(super) const fn ending(at: Option<Instant>, budget: Duration) -> Self {
        Self { at, budget }
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
