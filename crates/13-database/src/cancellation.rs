//! A future that does real I/O can be cancelled at each of its awaits, for the tests of `pool`
//! and `cancelled`.
//!
//! The kit's `cancel_at_every_await` needs virtual time, in which no database answers. This
//! function polls a future in real time, and drops it at the chosen await.
#![cfg(all(test, not(target_family = "wasm")))]

use std::{future::poll_fn, pin::pin, task::Poll};

/// Drops `future` when it has returned `Pending` `n` times and returns it once more: `None`.
pub(crate) async fn cancel_at_await<F: Future>(
    future: F,
    mut n: usize,
) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if n == 0 => Poll::Ready(None),
        Poll::Pending => {
            n -= 1;
            Poll::Pending
        }
    })
    .await
}
