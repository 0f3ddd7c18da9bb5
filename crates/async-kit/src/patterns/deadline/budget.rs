//! A step that shares the deadline of its job has only the time that earlier steps left.

use std::{future::pending, time::Duration};

use tokio::time::{Instant, sleep_until};

use super::super::timer::end_of;

/// A point in time by which a whole job has to be done, whatever the number of its steps.
///
/// Corresponds to `asyncio.timeout_at`, but is a plain value: pass it down, and every call uses the
/// same budget. Tokio's nearest type is [`Instant`], which does not store how long the budget was and
/// cannot be "never".
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
    /// `None` if it never passes.
    at: Option<Instant>,
    budget: Duration,
}

impl Deadline {
    /// Makes a deadline that passes after `budget`, counted from now.
    ///
    /// A budget that reaches beyond the end of the clock makes a deadline that
    /// [`never`](Self::never) passes.
    #[must_use]
    pub fn after(budget: Duration) -> Self {
        Self { at: end_of(Instant::now(), budget), budget }
    }

    /// Makes a deadline that never passes: `timeout(None)` in asyncio.
    #[must_use]
    pub const fn never() -> Self {
        Self { at: None, budget: Duration::MAX }
    }

    /// Returns this deadline or one that passes after `budget`, whichever is earlier.
    ///
    /// Use it to limit one step of a job: the step cannot run longer than the job either.
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

    /// Returns the earlier of two deadlines; `self` if they are equal.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        match (self.at, other.at) {
            (Some(own), Some(others)) if others < own => other,
            (None, Some(_)) => other,
            _ => self,
        }
    }

    /// Returns how much time is left: zero if it has passed, [`Duration::MAX`] if it never passes.
    #[must_use]
    pub fn remaining(self) -> Duration {
        self.at.map_or(Duration::MAX, |at| at.saturating_duration_since(Instant::now()))
    }

    /// Whether no time is left.
    #[must_use]
    pub fn has_passed(self) -> bool {
        self.at.is_some_and(|at| at <= Instant::now())
    }

    /// Returns the duration that it was made with, for messages. For the time that is left, see
    /// [`remaining`](Self::remaining).
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
    /// Panics outside a Tokio runtime with time enabled.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the deadline does not change, and a later `wait` waits for the rest.
    pub async fn wait(self) {
        match self.at {
            Some(at) => sleep_until(at).await,
            None => pending().await,
        }
    }
}
