//! A report states how a task ended, with its value, its error or the text of its panic.

use std::{
    any::Any,
    fmt::{self, Display, Formatter},
    time::Duration,
};

/// The state of a task of a [`Monitor`](super::Monitor).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// It has not ended yet.
    Running,
    /// It returned a value.
    Done,
    /// It returned an error.
    Failed,
    /// It was cancelled because its time limit expired.
    TimedOut,
    /// It was cancelled.
    Cancelled,
    /// It panicked.
    Panicked,
}

/// How a task ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<T, E> {
    /// It returned this value.
    Done(T),
    /// It returned this error.
    Failed(E),
    /// It was cancelled because this time limit expired.
    TimedOut(Duration),
    /// It was cancelled by name, by the drop of its monitor, or by the end of its runtime.
    Cancelled,
    /// It panicked with this text.
    Panicked(String),
}

/// How one task of a [`Monitor`](super::Monitor) ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report<T, E> {
    /// The name it was spawned with.
    pub name: String,
    /// How it ended.
    pub outcome: Outcome<T, E>,
    /// The time from its spawn to its end.
    pub took: Duration,
}

impl<T, E> Outcome<T, E> {
    /// Returns the state, without the value, error or text.
    pub fn state(&self) -> State {
        match self {
            Self::Done(_) => State::Done,
            Self::Failed(_) => State::Failed,
            Self::TimedOut(_) => State::TimedOut,
            Self::Cancelled => State::Cancelled,
            Self::Panicked(_) => State::Panicked,
        }
    }
}

impl Display for State {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::TimedOut => "timed out",
            Self::Cancelled => "cancelled",
            Self::Panicked => "panicked",
        })
    }
}

impl<T, E: Display> Display for Outcome<T, E> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let state = self.state();
        match self {
            Self::Done(_) | Self::Cancelled => write!(f, "{state}"),
            Self::Failed(error) => write!(f, "{state}: {error}"),
            Self::TimedOut(limit) => write!(f, "{state} after {limit:?}"),
            Self::Panicked(text) => write!(f, "{state}: {text}"),
        }
    }
}

impl<T, E: Display> Display for Report<T, E> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.outcome)
    }
}

/// Returns the text of a panic, from the payload that `catch_unwind` or
/// [`JoinError::into_panic`](tokio::task::JoinError::into_panic) returns.
///
/// Corresponds to `str(exception)`. Neither Tokio nor the standard library has such a function: a
/// payload may be of any type. `panic!` makes a `&str` or a `String`; for any other type the text is
/// "a panic whose payload is not text".
///
/// # Examples
///
/// ```
/// use async_kit::monitor::panic_text;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let task = tokio::spawn(async { panic!("no answer on port {}", 8080) });
/// let payload = task.await.unwrap_err().into_panic();
/// assert_eq!(panic_text(&*payload), "no answer on port 8080");
/// assert_eq!(panic_text(&42), "a panic whose payload is not text");
/// # }
/// ```
pub fn panic_text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic whose payload is not text")
}
