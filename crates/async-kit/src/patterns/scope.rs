//! A resource in a scope is released exactly once, on every way out.
//!
//! Rust has no `async with`: `drop` cannot wait, and a cancelled future is merely dropped. So
//! the resource lives in a guard. When its scope ends, the guard turns it into the future of its
//! release; [`with`] polls that future in place, and whatever is left of it when the guard is
//! dropped runs on as a task of its own, which [`settled`] and [`released`] can wait for.
//!
//! | the way out | who waits for the release |
//! |---|---|
//! | return, error, panic | [`with`] itself |
//! | cancellation, also in the middle of the release | a [`settled`] around it, or [`released`] |
//! | end of the runtime | call [`released`] as its last act, when no other task is left |

mod rest;
#[cfg(test)]
pub(super) mod tests;

use std::{
    future::poll_fn,
    mem,
    panic::{AssertUnwindSafe, resume_unwind},
    task::{Context, Poll},
};

use futures::FutureExt;
use tokio_util::task::TaskTracker;

pub(super) use rest::all_over;
use rest::{Releasing, leave_behind, waited_for_by};
pub use rest::{released, settled};

/// Gives a resource back, waiting where it must.
///
/// Answers to `__aexit__`. Tokio has no counterpart: `Drop` cannot wait. `self` is taken by
/// value, so nothing can be released twice.
///
/// A release returns nothing, because after a cancellation nobody is there to hear of an error:
/// what may fail and matters, such as a commit, belongs at the end of the scope's body, and
/// what goes wrong here is for the log.
///
/// # Examples
///
/// ```
/// use async_kit::scope::Release;
///
/// struct Connection;
///
/// impl Release for Connection {
///     async fn release(self) {
///         // say goodbye to the server
///     }
/// }
/// ```
pub trait Release: Send + 'static {
    /// Gives the resource back.
    ///
    /// # Cancel safety
    ///
    /// It need not be: [`with`] runs it to its end even if its own caller is cancelled. Only the
    /// end of the runtime drops it half-way.
    fn release(self) -> impl Future<Output = ()> + Send;
}

/// Lends `resource` to `body`, and releases it when `body` is over, however it is over.
///
/// Answers to `async with`; what `__aenter__` did happens before, in a constructor that returns
/// a ready resource. Tokio has no counterpart. It returns what `body` returned, after the
/// release has ended. Scopes within each other are released from the inside out, one after the
/// other, also when all of them are cancelled at once.
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
/// let (log, mut said) = mpsc::unbounded_channel();
/// let answer = scope::with(Session(log), async |session| {
///     session.0.send("used").unwrap();
///     42
/// });
/// assert_eq!(answer.await, 42);
/// assert_eq!(said.recv().await, Some("used"));
/// assert_eq!(said.recv().await, Some("released"));
/// # }
/// ```
///
/// # Panics
///
/// When `body` or the release panics, and not before the release has ended. If both panic, the
/// panic of the release goes on, as an exception in `__aexit__` would.
///
/// # Cancel safety
///
/// Cancel safe: dropped at any point, before its first poll too, it drops `body` where it
/// stands, and the release, or what is left of it, runs on as a task of the current runtime.
/// Where no runtime runs any more, the release is polled once: one that need not wait is
/// complete then, any other is dropped where it would have waited. This poll waits for nothing,
/// so there a scope may be released before one inside it.
pub fn with<R, T, F>(resource: R, body: F) -> impl Future<Output = T>
where
    R: Release,
    F: AsyncFnOnce(&mut R) -> T,
{
    // Made here and not inside the future, which may be dropped before its first poll.
    let mut guard = Guard::new(resource);
    async move {
        let inner = guard.inner.clone();
        let used = async { body(guard.resource()).await };
        // Nobody sees what a panic left half done: it goes on as soon as the release is over.
        let used = AssertUnwindSafe(used).catch_unwind();
        let used = waited_for_by(&inner, used).await;
        poll_fn(|cx| guard.poll_release(cx)).await;
        used.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

/// Holds a resource, then its release; dropping it runs what is left of both in the background.
pub(super) struct Guard<R: Release> {
    resource: Option<R>,
    /// What scopes inside this one left behind: it is released before this resource is.
    inner: TaskTracker,
    release: Releasing,
}

impl<R: Release> Guard<R> {
    pub(super) fn new(resource: R) -> Self {
        let inner = TaskTracker::new();
        Self { resource: Some(resource), inner, release: Releasing::over() }
    }

    fn resource(&mut self) -> &mut R {
        self.resource.as_mut().expect("the release has not begun")
    }

    fn release(&mut self) -> &mut Releasing {
        if let Some(resource) = self.resource.take() {
            self.release = Releasing::of(resource, self.inner.clone());
        }
        &mut self.release
    }

    fn poll_release(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.release().poll(cx)
    }
}

impl<R: Release> Drop for Guard<R> {
    fn drop(&mut self) {
        leave_behind(mem::replace(self.release(), Releasing::over()));
    }
}
