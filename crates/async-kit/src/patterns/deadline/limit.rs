//! An expired limit drops its future, and its error contains the limit.

use std::{
    error::Error,
    fmt,
    future::IntoFuture,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use pin_project_lite::pin_project;
use tokio::{
    task::coop::has_budget_remaining,
    time::{Sleep, sleep_until},
};

use super::{super::timer::poll_timer, budget::Deadline};

/// Which limit expired before the future was ready.
///
/// asyncio has one `TimeoutError` for an inner limit, an outer limit and a timeout that the
/// operation itself reports. Tokio's `Elapsed` does not say which limit expired. Here, two limits
/// around one future are two layers of `Result`, so the three cases cannot be confused.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimedOut {
    /// The duration given to [`within`](TimeLimit::within).
    Within(Duration),
    /// The shared deadline, given to [`by`](TimeLimit::by).
    By(Deadline),
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Within(limit) => write!(f, "not ready within {limit:?}"),
            Self::By(deadline) => {
                write!(f, "the deadline of {:?} passed", deadline.budget())
            }
        }
    }
}

impl Error for TimedOut {}

impl TimedOut {
    /// Starts the timer of this limit. A limit that never expires has no timer.
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
/// The nearest asyncio names are `wait_for` and `timeout`. `wait_for` waits for the cleanup of the
/// cancelled operation, and may even return its late value; here the future is dropped at the limit.
/// Tokio's nearest function is `timeout`. This one starts a timer only if the future has to wait,
/// and its error contains the limit that expired.
///
/// # Blocking code
///
/// No limit interrupts code that does not await: a future that blocks for a second and is then ready
/// is `Ok`, whatever its limit was.
pub trait TimeLimit: IntoFuture + Sized {
    /// Limits the future to a duration, which starts when the future first has to wait.
    ///
    /// Any duration is allowed; one that reaches beyond the end of the clock is no limit.
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
    /// [`TimedOut::Within`] if the limit expires first. If the future is ready in the same tick,
    /// the result is `Ok`, as in Tokio (asyncio raises `TimeoutError`).
    ///
    /// # Panics
    ///
    /// Panics if the future has to wait outside a Tokio runtime with time enabled.
    ///
    /// # Cancel safety
    ///
    /// As cancel safe as the future itself, which is dropped at the limit.
    fn within(self, limit: Duration) -> Limited<Self::IntoFuture> {
        Limited::new(self.into_future(), TimedOut::Within(limit))
    }

    /// Limits the future to the time that is left of a shared `deadline`.
    ///
    /// The future is polled at least once, even after the deadline.
    ///
    /// # Errors
    ///
    /// [`TimedOut::By`] if the deadline passes first. If the future is ready in the same tick,
    /// the result is `Ok`.
    ///
    /// # Panics
    ///
    /// Panics if the future has to wait outside a Tokio runtime with time enabled.
    ///
    /// # Cancel safety
    ///
    /// As cancel safe as the future itself, which is dropped at the deadline.
    fn by(self, deadline: Deadline) -> Limited<Self::IntoFuture> {
        Limited::new(self.into_future(), TimedOut::By(deadline))
    }
}

impl<F: IntoFuture> TimeLimit for F {}

pin_project! {
    /// The future of [`TimeLimit::within`] and [`TimeLimit::by`].
    ///
    /// # Cancel safety
    ///
    /// As cancel safe as the future in it, which is dropped with it.
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
