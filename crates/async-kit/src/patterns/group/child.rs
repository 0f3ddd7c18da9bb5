//! The handle of a child returns its value, or cancels this child alone.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// Waits for the value of one child of a [`Group`](super::Group). Dropping it does not affect the child.
///
/// Corresponds to the `Task` that `TaskGroup.create_task` returns. Unlike Tokio's `JoinHandle` it
/// returns the value without a `Result`: if the child fails, the body or child that waits for it is
/// cancelled with the group.
///
/// # Panics
///
/// Panics if it is awaited outside its group, and the child failed or was cancelled.
///
/// # Cancel safety
///
/// Cancel safe: the value stays until it is taken.
#[derive(Debug)]
pub struct Child<T> {
    pub(super) value: oneshot::Receiver<T>,
    pub(super) cancel: CancellationToken,
}

impl<T> Child<T> {
    /// Cancels this child alone: it is dropped at its current await. The group does not fail, and waits
    /// for the releases of the [scopes](super::super::scope::with) in the child.
    ///
    /// Corresponds to `Task.cancel`, but takes the handle, because a cancelled child has no value to wait
    /// for. If the child has ended, only its value is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_kit::Group;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let answer = Group::run(async |group| {
    ///     let spinner = group.spawn(std::future::pending::<Result<(), ()>>());
    ///     let answer = group.spawn(async { Ok(42) }).await;
    ///     spinner.cancel();
    ///     Ok(answer)
    /// });
    /// assert_eq!(answer.await, Ok(42));
    /// # }
    /// ```
    pub fn cancel(self) {
        self.cancel.cancel();
    }
}

impl<T> Future for Child<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let value = Pin::new(&mut self.value).poll(cx);
        value.map(|value| {
            value.expect("a child that failed or was cancelled has no value")
        })
    }
}
