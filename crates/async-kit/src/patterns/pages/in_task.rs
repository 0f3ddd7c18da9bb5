//! A fetch in a task of its own moves on while nobody polls it, and ends with its handle.

use std::{
    panic::resume_unwind,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio_util::task::AbortOnDropHandle;

/// A fetch in a task of its own, which ends with it.
///
/// A future that nobody polls stands still, so a fetch kept in the stream would not move while
/// the consumer awaits something else.
///
/// # Panics
///
/// With the panic of the fetch; when its runtime ended before it did.
///
/// # Cancel safety
///
/// Cancel safe as `&mut fetch`: the page stays until it is taken. Dropping it aborts the fetch,
/// at the await where it stands.
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
            // Nobody but this handle aborts the task, so its runtime is gone.
            Err(error) => panic!("the next page was being fetched: {error}"),
        }
    }
}
