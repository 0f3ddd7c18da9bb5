//! A fetch in a task of its own makes progress without being polled, and ends with its handle.

use std::{
    panic::resume_unwind,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio_util::task::AbortOnDropHandle;

/// A fetch in a task of its own. Dropping this aborts the task.
///
/// A future makes no progress while it is not polled, so a fetch in the stream itself would pause
/// while the consumer awaits something else.
///
/// # Panics
///
/// Panics if the fetch panics, with the same panic, or if the runtime ended before the fetch.
///
/// # Cancel safety
///
/// Cancel safe as `&mut fetch`: the page stays until it is taken. Dropping it aborts the fetch at its
/// current await.
#[derive(Debug)]
pub struct InTask<O>(AbortOnDropHandle<O>);

impl<O: Send + 'static> InTask<O> {
    pub(super) fn spawn(fetch: impl Future<Output = O> + Send + 'static) -> Self {
        Self(AbortOnDropHandle::new(tokio::spawn(fetch)))
    }
}

impl<O> Future for InTask<O> {
    type Output = O;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<O> {
        let error = match ready!(Pin::new(&mut self.0).poll(cx)) {
            Ok(output) => return Poll::Ready(output),
            Err(error) => error,
        };
        match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // Only this handle can abort the task, so its runtime has ended.
            Err(error) => panic!("the runtime ended during the fetch of a page: {error}"),
        }
    }
}
