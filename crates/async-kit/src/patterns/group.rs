//! All children of a group end before the group does, no matter how one of them ends.
//!
//! Built from a `TaskTracker`, which shows when the last child has ended, and a
//! `CancellationToken`, which cancels the children. The group is itself a [`scope`] whose resource is
//! its children, so if the group is dropped early, its children are still cancelled and waited for.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, resume_unwind},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use futures::FutureExt;
use tokio::{select, sync::oneshot};

use super::{scope, tasks::Tasks};

/// Tasks that belong together: they all end before [`Group::run`] returns, and the first error
/// cancels the others.
///
/// Corresponds to `asyncio.TaskGroup`. In a [`tokio::task::JoinSet`] a failed task does not cancel
/// the others, an aborted one counts as ended while the releases of its scopes still run, and only
/// the owner of the set can spawn. A `Group` is a handle: a child that has a clone of it can spawn
/// siblings.
///
/// # Examples
///
/// ```
/// use async_kit::Group;
///
/// async fn half(n: u32) -> Result<u32, String> {
///     if n % 2 == 0 { Ok(n / 2) } else { Err(format!("{n} is odd")) }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let sum = Group::run(async |group| {
///     let (a, b) = (group.spawn(half(4)), group.spawn(half(6)));
///     Ok(a.await + b.await)
/// });
/// assert_eq!(sum.await, Ok(5));
///
/// let failed = Group::run(async |group| {
///     group.spawn(half(7));
///     // Never returns by itself. It is cancelled when the child fails.
///     std::future::pending().await
/// });
/// let failed: Result<(), _> = failed.await;
/// assert_eq!(failed, Err("7 is odd".to_string()));
/// # }
/// ```
///
/// # Errors
///
/// asyncio raises an `ExceptionGroup`; `Group::run` returns the first error alone. No second error
/// can follow, because a cancelled future is dropped and returns nothing.
#[derive(Debug)]
pub struct Group<E> {
    tasks: Tasks,
    failure: Arc<Mutex<Option<Failure<E>>>>,
}

/// Why a group cancels its children.
#[derive(Debug)]
enum Failure<E> {
    Error(E),
    Panic(Box<dyn Any + Send>),
}

impl<E: Send + 'static> Group<E> {
    /// Runs `body`, which spawns the children, and waits until all of them have ended.
    ///
    /// If `body` or a child fails, `body` and the other children are dropped at their current
    /// await, where `asyncio.TaskGroup` cancels them. Then `run` waits for the releases of the
    /// [scopes](scope::with) in them.
    ///
    /// # Errors
    ///
    /// The first error of `body` or of a child.
    ///
    /// # Panics
    ///
    /// Panics if `body` or a child panics, with the same panic, after all children have ended. A
    /// panic has precedence over an error, because it is a bug.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if it is dropped, it cancels all children. They end, and release their scopes,
    /// in the background; [`scope::settled`] and [`scope::released`] wait for that.
    pub async fn run<T, F, B>(body: B) -> Result<T, E>
    where
        // `B` is no `AsyncFnOnce`: with it, the compiler refuses to spawn a group with `&str`
        // errors.
        B: FnOnce(Group<E>) -> F,
        F: Future<Output = Result<T, E>>,
    {
        let group = Group { tasks: Tasks::default(), failure: Arc::default() };
        let run_body = async |tasks: &mut Tasks| {
            // If `run` is dropped, the children are cancelled immediately. Otherwise those that
            // are ready to run would still be polled.
            let _cancel = tasks.cancel.clone().drop_guard();
            let value = group.run_part(body(group.clone())).await;
            if value.is_some() {
                tasks.wait().await;
            }
            value
        };
        let value = scope::with(group.tasks.clone(), run_body).await;
        match group.take_failure() {
            Some(Failure::Panic(panic)) => resume_unwind(panic),
            Some(Failure::Error(error)) => Err(error),
            None => Ok(value.expect("only a failure cancels the body")),
        }
    }

    /// Spawns a child and returns a handle to wait for its value.
    ///
    /// If the handle is dropped, the group still waits for the child. If the group has failed or
    /// ended, the child is dropped and never polled.
    ///
    /// # Panics
    ///
    /// Panics outside a Tokio runtime.
    pub fn spawn<T, F>(&self, child: F) -> Child<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let (done, value) = oneshot::channel();
        let group = self.clone();
        self.tasks.tracker.spawn(async move {
            if let Some(value) = group.run_part(child).await {
                // `send` fails if the handle was dropped, which is allowed.
                let _ = done.send(value);
            }
        });
        Child { value }
    }

    /// Runs the body or a child. Returns its value, or `None` if it or the group fails. In any case
    /// the part and its releases have ended when this returns.
    async fn run_part<T>(&self, part: impl Future<Output = Result<T, E>>) -> Option<T> {
        // `catch_unwind` is around the cancellation, so that it also catches a panic in the `drop`
        // of a cancelled part.
        let part = AssertUnwindSafe(self.until_cancelled(part)).catch_unwind();
        let value = async {
            match part.await {
                Ok(None) => None,
                Ok(Some(Ok(value))) => Some(value),
                Ok(Some(Err(error))) => self.fail(Failure::Error(error)),
                Err(panic) => self.fail(Failure::Panic(panic)),
            }
        };
        scope::settled(value).await
    }

    /// Runs `future`, or drops it as soon as the group is cancelled.
    async fn until_cancelled<F: Future>(&self, future: F) -> Option<F::Output> {
        select! {
            biased;
            () = self.tasks.cancel.cancelled() => None,
            output = future => Some(output),
        }
    }

    /// Cancels the group, and returns the value of a failed part: `None`.
    fn fail<T>(&self, failure: Failure<E>) -> Option<T> {
        let mut first = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        match (&*first, &failure) {
            (None, _) | (Some(Failure::Error(_)), Failure::Panic(_)) => {
                *first = Some(failure)
            }
            _ => {}
        }
        drop(first);
        self.tasks.cancel.cancel();
        None
    }

    fn take_failure(&self) -> Option<Failure<E>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

// `Clone` is not derived, because then it would demand `E: Clone`.
impl<E> Clone for Group<E> {
    fn clone(&self) -> Self {
        Self { tasks: self.tasks.clone(), failure: Arc::clone(&self.failure) }
    }
}

/// Waits for the value of one child of a [`Group`]. Dropping it does not affect the child.
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
    value: oneshot::Receiver<T>,
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
