//! What is left of a release runs on when its scope is dropped, and can be waited for.

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

use super::Release;

/// Waits for `future`, and then for the releases that cancelled parts of it left behind.
///
/// Tokio's `timeout` and `select!` drop the loser and go on at once; asyncio's wait until the
/// loser has cleaned up. Put `settled` around them to have it so. It does not see into tasks
/// that `future` spawns.
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
/// As cancel safe as `future`. Dropped while it waits for releases, it loses the output of
/// `future`; the releases run on.
pub async fn settled<F: Future>(future: F) -> F::Output {
    let releases = TaskTracker::new();
    let output = waited_for_by(&releases, future).await;
    all_over(&releases).await;
    output
}

/// Counts among `releases` those that cancelled parts of `future` leave behind.
pub(super) fn waited_for_by<F: Future>(
    releases: &TaskTracker,
    future: F,
) -> impl Future<Output = F::Output> {
    let mut waiting = waiting_here();
    waiting.push(releases.clone());
    WAITING.scope(waiting, future)
}

/// Waits until none of these runs.
pub(in crate::patterns) async fn all_over(tasks: &TaskTracker) {
    tasks.close();
    // The wake-up of an earlier end may be late, on another thread, and meet who waits for
    // something newer.
    while !tasks.is_empty() {
        tasks.wait().await;
    }
}

/// Waits until no release that a cancelled scope left behind runs on the current runtime.
///
/// Answers to the end of `asyncio.run`, which waits for the clean-up of what it cancels. A
/// Tokio runtime drops its tasks instead, so this is the last call before a runtime ends. It
/// waits for releases only: end other tasks first, as a scope in them begins its release no
/// sooner than it is dropped. Inside a release it would wait for itself.
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
/// let (done, mut seen) = oneshot::channel();
/// drop(scope::with(Last(done), async |_| ()));
/// assert!(seen.try_recv().is_err());
/// scope::released().await;
/// assert_eq!(seen.try_recv(), Ok("released"));
/// # }
/// ```
///
/// # Panics
///
/// Outside a Tokio runtime.
///
/// # Cancel safety
///
/// Cancel safe: it only watches.
pub async fn released() {
    let here = Handle::current().id();
    let releases = per_runtime().get(&here).cloned();
    if let Some(releases) = releases {
        all_over(&releases).await;
    }
}

task_local! {
    /// Everybody who waits for the releases that this task leaves behind, outermost first.
    static WAITING: Vec<TaskTracker>;
}

fn waiting_here() -> Vec<TaskTracker> {
    WAITING.try_with(Clone::clone).unwrap_or_default()
}

/// The future of a release until it is over; nothing from then on.
pub(super) struct Releasing {
    /// The wait for the releases of what was inside. Apart from the release itself, because the
    /// end of a runtime may drop those later than this.
    inner: Option<Step>,
    release: Option<Step>,
}

type Step = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Releasing {
    /// The release of a resource, once the releases of what was inside it are over.
    pub(super) fn of(resource: impl Release, inner: TaskTracker) -> Self {
        let wait = |inner: TaskTracker| async move { all_over(&inner).await };
        Self {
            // What was inside is over or dropped by now, so this is all it left behind: mostly
            // nothing.
            inner: (!inner.is_empty()).then(|| Box::pin(wait(inner)) as Step),
            // `release` is called inside the future: should it panic, then not in a `drop`.
            release: Some(Box::pin(async { resource.release().await })),
        }
    }

    pub(super) fn over() -> Self {
        Self { inner: None, release: None }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        ready!(poll_step(&mut self.inner, cx));
        poll_step(&mut self.release, cx)
    }
}

/// Takes the step out while it is polled: one that panics must not be polled again by `drop`.
fn poll_step(step: &mut Option<Step>, cx: &mut Context<'_>) -> Poll<()> {
    let Some(mut future) = step.take() else { return Poll::Ready(()) };
    let poll = future.as_mut().poll(cx);
    if poll.is_pending() {
        *step = Some(future);
    }
    poll
}

impl Drop for Releasing {
    /// No runtime polls this any more, and perhaps none ever did.
    fn drop(&mut self) {
        let Some(mut release) = self.release.take() else { return };
        let mut cx = Context::from_waker(Waker::noop());
        let last_poll = AssertUnwindSafe(|| release.as_mut().poll(&mut cx).is_ready());
        // A panic out of a `drop` may end the process. This one has been printed already, and
        // there is nobody to pass it on to.
        let _ = catch_unwind(last_poll);
    }
}

/// Lets the release run on as a task of the current runtime, if there is one.
pub(super) fn leave_behind(release: Releasing) {
    if release.release.is_none() {
        return;
    }
    if let Ok(runtime) = Handle::try_current() {
        let waiting = waiting_here();
        let rest = Rest {
            release,
            _tokens: waiting.iter().map(TaskTracker::token).collect(),
            _of_runtime: OfRuntime::new(runtime.id()),
        };
        // A release may itself leave others behind, for the same ones to wait for.
        runtime.spawn(WAITING.scope(waiting, rest));
    }
}

/// What is left of a release, counted until it has ended.
struct Rest {
    // First, so that it is dropped before it counts as ended.
    release: Releasing,
    _tokens: Vec<TaskTrackerToken>,
    _of_runtime: OfRuntime,
}

impl Future for Rest {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.release.poll(cx)
    }
}

/// One of the releases that were left behind on a runtime.
struct OfRuntime {
    runtime: Id,
    token: Option<TaskTrackerToken>,
}

/// Runtimes on which a release was left behind. An entry goes with the last of its releases,
/// which the end of the runtime drops if need be: an id may then be used by another runtime.
fn per_runtime() -> MutexGuard<'static, HashMap<Id, TaskTracker>> {
    static PER_RUNTIME: LazyLock<Mutex<HashMap<Id, TaskTracker>>> =
        LazyLock::new(Mutex::default);
    PER_RUNTIME.lock().unwrap_or_else(PoisonError::into_inner)
}

impl OfRuntime {
    fn new(runtime: Id) -> Self {
        let token = per_runtime().entry(runtime).or_default().token();
        Self { runtime, token: Some(token) }
    }
}

impl Drop for OfRuntime {
    fn drop(&mut self) {
        // Before the lock is taken: this may wake somebody, and a waker may run anything.
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
    fn a_runtime_that_has_ended_is_forgotten() {
        let runtime = Builder::new_current_thread().build().unwrap();
        let id = runtime.handle().id();
        {
            let _inside = runtime.enter();
            leave_behind(Releasing::of(Endless, TaskTracker::new()));
        }
        assert_eq!(per_runtime().get(&id).map(TaskTracker::len), Some(1));
        drop(runtime);
        assert!(!per_runtime().contains_key(&id), "{:?}", per_runtime().keys());
    }

    /// The first task ends on another thread, and is awaited by nobody. Its wake-up comes a little
    /// later than its end, often enough in the very moment in which the second is waited for.
    #[test]
    fn a_late_wake_up_of_an_earlier_end_ends_no_wait() {
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
            let mut waiting = pin!(all_over(&tasks));
            let mut cx = Context::from_waker(Waker::noop());
            let at_once = waiting.as_mut().poll(&mut cx).is_ready();
            ending.join().unwrap();
            at_once || waiting.poll(&mut cx).is_ready()
        })
    }
}
