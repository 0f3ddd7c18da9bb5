//! A lane is a future that has its own row in the timeline.

mod laned;
mod own_waker;
mod step;
#[cfg(test)]
mod tests;
mod track;

pub use self::{laned::Laned, step::Stepped};
use crate::stage::record::Ending;

/// Puts futures on the timeline.
///
/// The nearest asyncio name is `create_task(…, name="…")`; Tokio's tasks have no names outside
/// `tokio_unstable`.
///
/// # Examples
///
/// ```
/// use async_kit::{Lane, Millis, Transcript, say, virtual_time};
/// use tokio::time::sleep;
///
/// virtual_time(async {
///     let job = async {
///         sleep(20.ms()).step("working").await;
///         say!("done");
///     };
///     let seen = Transcript::of(job.lane("job")).await;
///     assert_eq!(seen.to_string(), "[  0.020s] job done\n");
/// });
/// ```
pub trait Lane: Future + Sized {
    /// Gives this future a row of the timeline. Every line that it says carries the lane's name.
    ///
    /// The row ends with ✓ when the future is ready, ✗ when it panics, ⊘ when it is dropped
    /// before its end, ∅ when it is dropped and was never polled.
    ///
    /// # Boxed and `Send`
    ///
    /// The future is boxed, and must be `Send`, as for [`tokio::spawn`]. A local task of a `LocalSet`
    /// is not `Send`: give the lane to a `Send` future that the task awaits.
    ///
    /// # Cancel safety
    ///
    /// As cancel safe as the future itself. What the future says while it is dropped still
    /// belongs to the lane.
    #[track_caller]
    fn lane<'a>(self, name: impl Into<String>) -> Laned<'a, Self::Output>
    where
        Self: Send + 'a,
    {
        Laned::new(Box::pin(self), name.into(), |_| Ending::Done)
    }

    /// Like [`lane`](Self::lane), and marks the row with ✗ when the future returns `Err`.
    ///
    /// # Cancel safety
    ///
    /// As [`lane`](Self::lane).
    #[track_caller]
    fn try_lane<'a, T, E>(self, name: impl Into<String>) -> Laned<'a, Result<T, E>>
    where
        Self: Future<Output = Result<T, E>> + Send + 'a,
    {
        Laned::new(Box::pin(self), name.into(), |result| match result {
            Ok(_) => Ending::Done,
            Err(_) => Ending::Failed,
        })
    }

    /// Draws this part of a lane as a solid bar. The timeline also shows how many lanes were inside a
    /// step with this label at the same time. Outside any lane it does nothing.
    ///
    /// # Cancel safety
    ///
    /// As cancel safe as the future itself; dropping it ends the step.
    #[track_caller]
    fn step(self, label: impl Into<String>) -> Stepped<Self> {
        Stepped::new(self, label.into())
    }
}

impl<F: Future> Lane for F {}
