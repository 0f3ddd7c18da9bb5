//! The release of a dropped scope runs to its end in the background, and can be waited for.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
};

use tokio::{
    runtime::{Handle, Id},
    task_local,
};
use tokio_util::task::{TaskTracker, task_tracker::TaskTrackerToken};

use super::release::Release;

/// Waits for `future`, and then for the background releases of scopes that were cancelled in it.
///
/// In asyncio, `timeout` waits until the cancelled operation has cleaned up. Tokio's `timeout` and
/// `select!` drop it and return immediately; put `settled` around them to wait. Scopes in tasks that
/// `future` spawns are not waited for.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use async_kit::scope::{self, Release};
/// use tokio::time::{Instant, sleep, timeout};
///
/// struct Slow;
///
/// impl Release for Slow {
///     async fn release(self) {
///         sleep(Duration::from_millis(20)).await;
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let start = Instant::now();
/// let job = scope::with(Slow, async |_| sleep(Duration::from_secs(9)).await);
/// let result = scope::settled(timeout(Duration::from_millis(50), job)).await;
/// assert!(result.is_err());
/// assert_eq!(start.elapsed(), Duration::from_millis(70));
/// # }
/// ```
///
/// # Cancel safety
///
/// As cancel safe as `future`. If it is dropped while it waits for releases, the output of `future`
/// is lost; the releases continue.
pub async fn settled<F: Future>(future: F) -> F::Output {
    let releases = TaskTracker::new();
    let output = tracked_by(&releases, future).await;
    wait_for_all(&releases).await;
    output
}

/// Counts in `releases` the background releases of scopes that are cancelled in `future`.
pub(super) fn tracked_by<F: Future>(
    releases: &TaskTracker,
    future: F,
) -> impl Future<Output = F::Output> {
    let mut trackers = current_trackers();
    trackers.push(releases.clone());
    TRACKERS.scope(trackers, future)
}

/// Waits until no background release runs on the current runtime.
///
/// Corresponds to the end of `asyncio.run`, which waits for the cleanup of the tasks that it
/// cancels. A Tokio runtime drops its tasks instead, so make this the last call before a runtime
/// ends. It waits for releases only: end other tasks first, because a scope in them does not begin
/// its release before it is dropped. If a release awaits it, it waits for
/// itself and never returns.
///
/// # Examples
///
/// ```
/// use async_kit::scope::{self, Release};
/// use tokio::{sync::oneshot, task::yield_now};
///
/// struct Last(oneshot::Sender<&'static str>);
///
/// impl Release for Last {
///     async fn release(self) {
///         yield_now().await;
///         self.0.send("released").unwrap();
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let (sender, mut receiver) = oneshot::channel();
/// drop(scope::with(Last(sender), async |_| ()));
/// assert!(receiver.try_recv().is_err());
/// scope::released().await;
/// assert_eq!(receiver.try_recv(), Ok("released"));
/// # }
/// ```
///
/// # Panics
///
/// Panics outside a Tokio runtime.
///
/// # Cancel safety
///
/// Cancel safe: it changes nothing.
pub async fn released() {
    let here = Handle::current().id();
    // The entry of a runtime is removed with its last release. If the end of that release causes
    // another one, the new release has a new tracker.
    while let Some(releases) = running_on(here) {
        wait_for_all(&releases).await;
    }
}

/// The tracker of the background releases that run on this runtime; `None` if none does.
fn running_on(runtime: Id) -> Option<TaskTracker> {
    per_runtime().get(&runtime).filter(|releases| !releases.is_empty()).cloned()
}

/// Waits until none of these tasks runs. Tasks that begin during the wait are waited for too.
pub(in super::super) async fn wait_for_all(tasks: &TaskTracker) {
    tasks.close();
    // `TaskTracker::wait` may return because of a late wake-up: an earlier task ended on another
    // thread, and another task has begun since then.
    while !tasks.is_empty() {
        tasks.wait().await;
    }
}

task_local! {
    /// The trackers that count the background releases of this task, outermost first.
    static TRACKERS: Vec<TaskTracker>;
}

fn current_trackers() -> Vec<TaskTracker> {
    TRACKERS.try_with(Clone::clone).unwrap_or_default()
}

/// The future of a release. Both steps are `None` once they have ended.
pub(super) struct Releasing {
    /// The wait for the releases of nested scopes. It is a separate step, because the end of a
    /// runtime may drop this future before the nested releases have ended. Then the release must
    /// run without the wait.
    wait_for_inner: Option<Step>,
    release: Option<Step>,
}

type Step = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Releasing {
    /// Releases a resource after the releases of nested scopes have ended.
    pub(super) fn new(resource: impl Release, inner: TaskTracker) -> Self {
        let wait = |inner: TaskTracker| async move { wait_for_all(&inner).await };
        Self {
            // Nested scopes have ended or were dropped by now, so `inner` is complete. Usually it
            // is empty.
            wait_for_inner: (!inner.is_empty()).then(|| Box::pin(wait(inner)) as Step),
            // `release` is called inside the future, so that it never panics in a `drop`.
            release: Some(Box::pin(async { resource.release().await })),
        }
    }

    pub(super) fn done() -> Self {
        Self { wait_for_inner: None, release: None }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        ready!(poll_step(&mut self.wait_for_inner, cx));
        poll_step(&mut self.release, cx)
    }
}

/// Takes the step out while it is polled, so that `drop` does not poll a step that has panicked.
fn poll_step(step: &mut Option<Step>, cx: &mut Context<'_>) -> Poll<()> {
    let Some(mut future) = step.take() else { return Poll::Ready(()) };
    let poll = future.as_mut().poll(cx);
    if poll.is_pending() {
        *step = Some(future);
    }
    poll
}

impl Drop for Releasing {
    /// No runtime polls this any more, so the release gets one last poll, perhaps its first one.
    fn drop(&mut self) {
        let Some(mut release) = self.release.take() else { return };
        let mut cx = Context::from_waker(Waker::noop());
        let last_poll = AssertUnwindSafe(|| release.as_mut().poll(&mut cx).is_ready());
        // A panic in a `drop` may abort the process. The panic hook has reported this one, and no
        // caller is left that could receive it.
        let _ = catch_unwind(last_poll);
    }
}

/// Spawns the release on the current runtime, if there is one.
pub(super) fn release_in_background(release: Releasing) {
    if release.release.is_none() {
        return;
    }
    if let Ok(runtime) = Handle::try_current() {
        let trackers = current_trackers();
        let release = BackgroundRelease {
            release,
            _tokens: trackers.iter().map(TaskTracker::token).collect(),
            _registration: Registration::new(runtime.id()),
        };
        // Scopes that are cancelled inside the release are counted by the same trackers.
        runtime.spawn(TRACKERS.scope(trackers, release));
    }
}

/// A release, or the rest of one, which is counted until it has ended.
struct BackgroundRelease {
    // This is the first field, so that it is dropped while it is still counted.
    release: Releasing,
    _tokens: Vec<TaskTrackerToken>,
    _registration: Registration,
}

impl Future for BackgroundRelease {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.release.poll(cx)
    }
}

/// Counts one background release of a runtime.
struct Registration {
    runtime: Id,
    token: Option<TaskTrackerToken>,
}

/// The background releases of each runtime. An entry is removed with the last of its releases, at
/// the latest when the runtime ends and drops them: another runtime may get the same id later.
fn per_runtime() -> MutexGuard<'static, HashMap<Id, TaskTracker>> {
    static PER_RUNTIME: LazyLock<Mutex<HashMap<Id, TaskTracker>>> =
        LazyLock::new(Mutex::default);
    PER_RUNTIME.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Registration {
    fn new(runtime: Id) -> Self {
        let token = per_runtime().entry(runtime).or_default().token();
        Self { runtime, token: Some(token) }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // The token is dropped before the lock is taken, because that may wake a task, and a waker
        // may run any code.
        self.token.take();
        let mut trackers = per_runtime();
        if trackers.get(&self.runtime).is_some_and(TaskTracker::is_empty) {
            trackers.remove(&self.runtime);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, hint::spin_loop, pin::pin, thread};

    use tokio::runtime::Builder;

    use super::*;

    struct Endless;

    impl Release for Endless {
        async fn release(self) {
            pending().await
        }
    }

    #[test]
    fn the_entry_of_a_runtime_that_has_ended_is_removed() {
        let runtime = Builder::new_current_thread().build().unwrap();
        let id = runtime.handle().id();
        {
            let _inside = runtime.enter();
            release_in_background(Releasing::new(Endless, TaskTracker::new()));
        }
        assert_eq!(per_runtime().get(&id).map(TaskTracker::len), Some(1));
        drop(runtime);
        assert!(!per_runtime().contains_key(&id), "{:?}", per_runtime().keys());
    }

    /// The first task ends on another thread, and no task waits for it. Its wake-up comes a little
    /// later than its end, and often at the moment in which the wait for the second task begins.
    #[test]
    fn a_late_wake_up_from_an_earlier_task_ends_no_wait() {
        let early = (0..200).filter(|_| a_wait_for_a_second_task_ends_early()).count();
        assert_eq!(early, 0, "waits ended while a task ran");
    }

    fn a_wait_for_a_second_task_ends_early() -> bool {
        let tasks = TaskTracker::new();
        tasks.close();
        let first = tasks.token();
        thread::scope(|scope| {
            let ending = scope.spawn(|| drop(first));
            while !tasks.is_empty() {
                spin_loop();
            }
            let _second = tasks.token();
            let mut waiting = pin!(wait_for_all(&tasks));
            let mut cx = Context::from_waker(Waker::noop());
            let immediately = waiting.as_mut().poll(&mut cx).is_ready();
            ending.join().unwrap();
            immediately || waiting.poll(&mut cx).is_ready()
        })
    }
}
