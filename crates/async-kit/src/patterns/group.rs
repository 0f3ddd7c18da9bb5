//! All children of a group end before the group does, no matter how one of them ends.
//!
//! Built from a `TaskTracker`, which shows when the last child has ended, and a
//! `CancellationToken`, which cancels the children. The group is itself a [`scope`] whose resource is
//! its children, so if the group is dropped early, its children are still cancelled and waited for.

mod child;

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{select, sync::oneshot};
use tokio_util::sync::CancellationToken;

pub use self::child::Child;
use super::{
    scope::{self, Release},
    tasks::{LostPanic, Panic, Tasks},
};

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
///
/// # Panics
///
/// No panic of a child is lost, because it is a bug. If the group of the child is dropped, the panic
/// continues in the group around it, or is the outcome of the task of a [`Monitor`](super::Monitor).
/// Without one, only the panic hook reports it.
#[derive(Debug)]
pub struct Group<E> {
    tasks: Tasks,
    failure: Arc<Mutex<Option<Failure<E>>>>,
}

/// Why a group cancels its children.
#[derive(Debug)]
enum Failure<E> {
    Error(E),
    Panic(Panic),
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
        let Tasks { tracker: _, cancel } = &group.tasks;
        let body = group.run_part(async { body(group.clone()).await }, cancel);
        let run_body = async |_: &mut Children<E>| {
            // If `run` is dropped, the children are cancelled immediately. Otherwise those that
            // are ready to run would still be polled.
            let _cancel = cancel.clone().drop_guard();
            let value = body.await;
            if value.is_some() {
                group.tasks.wait().await;
            }
            value
        };
        let unclaimed =
            Arc::new(Unclaimed { group: group.clone(), outer: LostPanic::current() });
        let value = scope::with(Children(Arc::clone(&unclaimed)), run_body).await;
        unclaimed.group.outcome(value)
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
        let (group, cancel) = (self.clone(), self.tasks.cancel.child_token());
        let handle = Child { value, cancel: cancel.clone() };
        self.tasks.tracker.spawn(async move {
            if let Some(value) = group.run_part(child, &cancel).await
                && let Err(unwanted) = done.send(value)
            {
                // The handle was dropped, which is allowed.
                group.discard(unwanted);
            }
        });
        handle
    }

    /// Runs the body or a child. Returns its value, or `None` if it fails or is cancelled. In any case
    /// the part and its releases have ended when this returns.
    fn run_part<T>(
        &self,
        part: impl Future<Output = Result<T, E>>,
        cancel: &CancellationToken,
    ) -> impl Future<Output = Option<T>> {
        // On the heap, because several of the futures around it would each have room for it. A group in
        // a group in a group would need twenty times twenty times twenty times the room.
        let part = Box::pin(part);
        async move {
            let lost = LostPanic::new();
            // The panic is caught around the cancellation, because the `drop` of a cancelled part may
            // panic too.
            let part = lost.catch_unwind(until_cancelled(part, cancel));
            let value = async {
                match part.await {
                    Ok(None) => None,
                    Ok(Some(Ok(value))) => Some(value),
                    Ok(Some(Err(error))) => self.fail(Failure::Error(error)),
                    Err(panic) => self.fail(Failure::Panic(panic)),
                }
            };
            let value = scope::settled(value).await;
            if let Some(panic) = lost.take() {
                self.discard(value);
                return self.fail(Failure::Panic(panic));
            }
            value
        }
    }

    /// Drops a value that no task takes. If its `drop` panics, the group fails.
    fn discard(&self, unwanted: impl Sized) {
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(unwanted)));
        dropped.unwrap_or_else(|panic| _ = self.fail::<()>(Failure::Panic(panic)));
    }

    /// Cancels the group, and returns the value of a failed part: `None`.
    fn fail<T>(&self, failure: Failure<E>) -> Option<T> {
        let mut first = self.failure();
        let unwanted = match (&*first, &failure) {
            (None, _) | (Some(Failure::Error(_)), Failure::Panic(_)) => {
                first.replace(failure)
            }
            _ => Some(failure),
        };
        drop(first);
        self.tasks.cancel.cancel();
        self.discard(unwanted);
        None
    }

    /// Returns what `run` returns, or panics, after all parts have ended.
    fn outcome<T>(&self, value: Option<T>) -> Result<T, E> {
        if self.failure().is_none() {
            return Ok(value.expect("only a failure cancels the body"));
        }
        // The value is dropped before a panic continues: if its `drop` panicked during another
        // panic, the process would abort.
        self.discard(value);
        let failure = self.failure().take();
        match failure.expect("the group has failed") {
            Failure::Error(error) => Err(error),
            Failure::Panic(panic) => resume_unwind(panic),
        }
    }
}

impl<E> Group<E> {
    fn failure(&self) -> MutexGuard<'_, Option<Failure<E>>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs `future`, or drops it as soon as it is cancelled.
async fn until_cancelled<F: Future>(
    future: F,
    cancel: &CancellationToken,
) -> Option<F::Output> {
    select! {
        biased;
        () = cancel.cancelled() => None,
        output = future => Some(output),
    }
}

/// The children of a group: they are released when they have ended.
struct Children<E>(Arc<Unclaimed<E>>);

impl<E: Send + 'static> Release for Children<E> {
    async fn release(self) {
        self.0.group.tasks.clone().release().await;
    }
}

/// Passes the panic of a group to the part around it, unless `run` takes it first.
///
/// `run` has one handle, and the release of the children another. So if `run` is dropped, the last
/// handle is dropped when the children have ended, before `settled` returns in the part around it.
struct Unclaimed<E> {
    group: Group<E>,
    outer: LostPanic,
}

impl<E> Drop for Unclaimed<E> {
    fn drop(&mut self) {
        if let Some(Failure::Panic(panic)) = self.group.failure().take() {
            self.outer.put(panic);
        }
    }
}

// `Clone` is not derived, because then it would demand `E: Clone`.
impl<E> Clone for Group<E> {
    fn clone(&self) -> Self {
        Self { tasks: self.tasks.clone(), failure: Arc::clone(&self.failure) }
    }
}
