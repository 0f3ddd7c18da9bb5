//! A group's children end before it does, whatever happens to one of them.
//!
//! Built from a `TaskTracker`, which knows when the last child has ended, and a
//! `CancellationToken`, which tells the children to stop. The group is itself a [`scope`] whose
//! resource is its children, so that even a group that is dropped half-way ends in order.

#[cfg(test)]
mod tests;

use std::{
    any::Any,
    panic::{AssertUnwindSafe, resume_unwind},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use futures::FutureExt;
use tokio::{select, sync::oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::scope::{self, Release};

/// Tasks that belong together: they all end before [`Group::run`] returns, and the first error
/// cancels the others.
///
/// Answers to `asyncio.TaskGroup`. [`tokio::task::JoinSet`] leaves to its owner what a group
/// does by itself: a failed task does not stop the others there, an aborted one is given up
/// while the releases of its scopes still run, and only the owner can spawn. `Group` is a
/// handle: a clone of it lets a child spawn its siblings.
///
/// Unlike asyncio, which raises an `ExceptionGroup`, it returns the first error alone: a
/// cancelled future is dropped, so it cannot fail once more.
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
///     // Waits for ever, and is cancelled when the child fails.
///     std::future::pending().await
/// });
/// let failed: Result<(), _> = failed.await;
/// assert_eq!(failed, Err("7 is odd".to_string()));
/// # }
/// ```
#[derive(Debug)]
pub struct Group<E> {
    tasks: Tasks,
    failure: Arc<Mutex<Option<Failure<E>>>>,
}

/// Why a group cancels its children before they are done.
#[derive(Debug)]
enum Failure<E> {
    Error(E),
    Panic(Box<dyn Any + Send>),
}

impl<E: Send + 'static> Group<E> {
    /// Runs `body`, which spawns the children, and waits until all of them have ended.
    ///
    /// When `body` or a child fails, `body` and the other children are dropped at the await
    /// where they stand, as `asyncio.TaskGroup` cancels them, and the releases of the
    /// [scopes](scope::with) in them are waited for.
    ///
    /// # Errors
    ///
    /// The first error of `body` or of a child.
    ///
    /// # Panics
    ///
    /// With the panic of `body` or of a child, after all children have ended. A panic prevails
    /// over an error, because it is a bug.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: dropped, it cancels all children. They end, and release their scopes, in
    /// the background; [`scope::settled`] and [`scope::released`] wait for that.
    pub async fn run<T, F, B>(body: B) -> Result<T, E>
    where
        // Not `AsyncFnOnce`: the compiler then fails to see that a group with `&str` errors can
        // be spawned.
        B: FnOnce(Group<E>) -> F,
        F: Future<Output = Result<T, E>>,
    {
        let group = Group { tasks: Tasks::default(), failure: Arc::default() };
        let lead = async |tasks: &mut Tasks| {
            // At once when this is dropped, so that no child that is about to run still does.
            let _cancel = tasks.stop.clone().drop_guard();
            let value = group.ok_of(body(group.clone())).await;
            if value.is_some() {
                tasks.wait().await;
            }
            value
        };
        let value = scope::with(group.tasks.clone(), lead).await;
        match group.take_failure() {
            Some(Failure::Panic(panic)) => resume_unwind(panic),
            Some(Failure::Error(error)) => Err(error),
            None => Ok(value.expect("only a failure cancels the body")),
        }
    }

    /// Spawns a child and returns a handle to wait for its value.
    ///
    /// Dropping the handle changes nothing: the group still waits for the child. Once the
    /// group is failing or over, the child is dropped and never polled.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub fn spawn<T, F>(&self, child: F) -> Child<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let (done, value) = oneshot::channel();
        let group = self.clone();
        self.tasks.tracker.spawn(async move {
            if let Some(value) = group.ok_of(child).await {
                // Nobody has to wait for the value.
                let _ = done.send(value);
            }
        });
        Child { value }
    }

    /// The value of `part`, unless it fails or the group does; in both cases it is over, with
    /// its releases, when this returns.
    async fn ok_of<T>(&self, part: impl Future<Output = Result<T, E>>) -> Option<T> {
        // Outside, so that it also catches a panic in the `drop` of a part that is cancelled.
        let part = AssertUnwindSafe(self.tasks.until_stopped(part)).catch_unwind();
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

    /// Cancels the group. It returns the value that a failed part has: none.
    fn fail<T>(&self, failure: Failure<E>) -> Option<T> {
        let mut first = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        match (&*first, &failure) {
            (None, _) | (Some(Failure::Error(_)), Failure::Panic(_)) => {
                *first = Some(failure)
            }
            _ => {}
        }
        drop(first);
        self.tasks.stop.cancel();
        None
    }

    fn take_failure(&self) -> Option<Failure<E>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

// Not derived: that would ask for `E: Clone`.
impl<E> Clone for Group<E> {
    fn clone(&self) -> Self {
        Self { tasks: self.tasks.clone(), failure: Arc::clone(&self.failure) }
    }
}

/// Waits for the value of one child of a [`Group`]; dropping it changes nothing.
///
/// Answers to the `Task` that `TaskGroup.create_task` returns. Unlike Tokio's `JoinHandle` it
/// gives the value itself: whoever waits for a child that fails is cancelled with the group.
///
/// # Panics
///
/// When it is awaited outside its group, and the child failed or was cancelled.
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

/// Tasks that are told to stop together and waited for together.
#[derive(Clone, Debug, Default)]
pub(super) struct Tasks {
    pub(super) tracker: TaskTracker,
    pub(super) stop: CancellationToken,
}

impl Tasks {
    /// Runs `future`, or drops it as soon as the tasks are told to stop.
    pub(super) async fn until_stopped<F: Future>(&self, future: F) -> Option<F::Output> {
        select! {
            biased;
            () = self.stop.cancelled() => None,
            output = future => Some(output),
        }
    }

    async fn wait(&self) {
        scope::all_over(&self.tracker).await;
    }
}

impl Release for Tasks {
    async fn release(self) {
        self.stop.cancel();
        self.wait().await;
    }
}
