//! A future that meets the outside world can be dropped at each of its awaits, too.
//!
//! `cancel_at_every_await` of the kit needs virtual time, in which no database answers. This
//! one polls a future a given number of times in real time, and drops it then.

use std::{future::poll_fn, pin::pin, task::Poll};

/// Drops `future` when it has waited `waits` times and would wait again: `None`.
pub(crate) async fn cut<F: Future>(future: F, mut waits: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if waits == 0 => Poll::Ready(None),
        Poll::Pending => {
            waits -= 1;
            Poll::Pending
        }
    })
    .await
}
