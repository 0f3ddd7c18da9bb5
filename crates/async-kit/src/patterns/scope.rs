//! A resource in a scope is released exactly once, on every exit: return, error, panic and cancellation.
//!
//! Rust has no `async with`: `drop` cannot wait, and a cancelled future is only dropped. So a guard
//! owns the resource. When the scope ends, the guard turns the resource into the future of its
//! release, and [`with`] polls that future in place. If the guard is dropped, a background task
//! runs the rest of the release; [`settled`] and [`released`] can wait for it.
//!
//! | how the scope ends | what waits for the release |
//! |---|---|
//! | return, error, panic | [`with`] itself |
//! | cancellation, also during the release | [`settled`] around it, or [`released`] |
//! | end of the runtime | [`released`], if it is the last call, when no other task is left |

pub(super) mod background;
mod release;

use std::{
    future::poll_fn,
    mem,
    panic::{AssertUnwindSafe, resume_unwind},
    task::{Context, Poll},
};

use futures::FutureExt;
use tokio_util::task::TaskTracker;

use background::{Releasing, release_in_background, tracked_by};
pub use background::{released, settled};
pub use release::Release;

/// Runs `body` with `resource`, and releases the resource when `body` returns, fails, panics or is
/// cancelled.
///
/// Corresponds to `async with`. There is no `__aenter__`: make the resource before the call, in a
/// constructor that returns it ready to use. Tokio has no counterpart.
///
/// Returns what `body` returned, after the release has ended. Nested scopes are released from the
/// inside out, one after the other, even if all of them are cancelled at the same time.
///
/// # Examples
///
/// ```
/// use async_kit::scope::{self, Release};
/// use tokio::sync::mpsc;
///
/// struct Session(mpsc::UnboundedSender<&'static str>);
///
/// impl Release for Session {
///     async fn release(self) {
///         self.0.send("released").unwrap();
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let (log, mut events) = mpsc::unbounded_channel();
/// let answer = scope::with(Session(log), async |session| {
///     session.0.send("used").unwrap();
///     42
/// });
/// assert_eq!(answer.await, 42);
/// assert_eq!(events.recv().await, Some("used"));
/// assert_eq!(events.recv().await, Some("released"));
/// # }
/// ```
///
/// # Panics
///
/// Panics if `body` or the release panics, after the release has ended. If both panic, the panic of
/// the release is the one that continues, as with an exception in `__aexit__`.
///
/// # Cancel safety
///
/// Cancel safe: if it is dropped, even before its first poll, `body` is dropped at its current await.
/// A task of the current runtime runs the release, or the rest of it.
///
/// If no runtime is running any more, the release is polled once. A release that does not have to wait is
/// then complete; any other is dropped at its first wait. This poll does not wait for nested scopes,
/// so here an outer scope may be released before an inner one.
pub fn with<R, T, F>(resource: R, body: F) -> impl Future<Output = T>
where
    R: Release,
    F: AsyncFnOnce(&mut R) -> T,
{
    // The guard is created here and not inside the future, which may be dropped before its first
    // poll.
    let mut guard = Guard::new(resource);
    async move {
        let inner = guard.inner.clone();
        // On the heap, because each of the futures around it would have room for it, and this multiplies
        // in nested scopes.
        let used = Box::pin(async { body(guard.resource()).await });
        // No code can see state that a panic left inconsistent: the panic resumes right after the
        // release.
        let used = AssertUnwindSafe(used).catch_unwind();
        let used = tracked_by(&inner, used).await;
        poll_fn(|cx| guard.poll_release(cx)).await;
        used.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

/// Owns a resource, and later the future of its release. If this is dropped, the release, or the rest
/// of it, runs in the background.
pub(super) struct Guard<R: Release> {
    resource: Option<R>,
    /// The background releases of nested scopes, which end before this resource is released.
    inner: TaskTracker,
    release: Releasing,
}

impl<R: Release> Guard<R> {
    pub(super) fn new(resource: R) -> Self {
        let inner = TaskTracker::new();
        Self { resource: Some(resource), inner, release: Releasing::done() }
    }

    fn resource(&mut self) -> &mut R {
        self.resource.as_mut().expect("the release has not begun")
    }

    fn release(&mut self) -> &mut Releasing {
        if let Some(resource) = self.resource.take() {
            self.release = Releasing::new(resource, self.inner.clone());
        }
        &mut self.release
    }

    fn poll_release(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.release().poll(cx)
    }
}

impl<R: Release> Drop for Guard<R> {
    fn drop(&mut self) {
        release_in_background(mem::replace(self.release(), Releasing::done()));
    }
}
