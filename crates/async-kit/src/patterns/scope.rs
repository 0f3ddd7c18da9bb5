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

use std::{
    collections::HashMap,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use futures::FutureExt;
use tokio::{
    runtime::{Handle, Id},
    task_local,
};
use tokio_util::task::{TaskTracker, task_tracker::TaskTrackerToken};

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
    fn release(self) -> impl Future<Output = ()> + Send;
}

/// Lends `resource` to `body`, and releases it when `body` is over, however it is over.
///
/// Answers to `async with`; what `__aenter__` did happens before, in a constructor that returns
/// a ready resource. Tokio has no counterpart. It returns what `body` returned, after the
/// release has ended.
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
/// complete then, any other is dropped where it would have waited.
pub fn with<R, T, F>(resource: R, body: F) -> impl Future<Output = T>
where
    R: Release,
    F: AsyncFnOnce(&mut R) -> T,
{
    // Made here and not inside the future, which may be dropped before its first poll.
    let mut guard = Guard::new(resource);
    async move {
        let used = async { body(guard.resource()).await };
        // Nobody sees what a panic left half done: it goes on as soon as the release is over.
        let used = AssertUnwindSafe(used).catch_unwind().await;
        poll_fn(|cx| guard.poll_release(cx)).await;
        used.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

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
    let mut waiting = waiting_here();
    waiting.push(releases.clone());
    let output = WAITING.scope(waiting, future).await;
    releases.close();
    releases.wait().await;
    output
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
        releases.close();
        releases.wait().await;
    }
}

type Releasing = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Holds a resource, or the future of its release, or nothing once that has ended.
#[must_use = "dropping it releases the resource in the background"]
pub(super) struct Guard<R: Release> {
    resource: Option<R>,
    release: Option<Releasing>,
}

impl<R: Release> Guard<R> {
    pub(super) fn new(resource: R) -> Self {
        Self { resource: Some(resource), release: None }
    }

    fn resource(&mut self) -> &mut R {
        self.resource.as_mut().expect("the release has not begun")
    }

    fn take_release(&mut self) -> Option<Releasing> {
        if let Some(resource) = self.resource.take() {
            // `release` is called inside the future: should it panic, then not in a `drop`.
            return Some(Box::pin(async move { resource.release().await }));
        }
        self.release.take()
    }

    fn poll_release(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // Taken out while it is polled: one that panics must not be polled again by `drop`.
        let Some(mut release) = self.take_release() else { return Poll::Ready(()) };
        if release.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        self.release = Some(release);
        Poll::Pending
    }
}

impl<R: Release> Drop for Guard<R> {
    fn drop(&mut self) {
        let Some(release) = self.take_release() else { return };
        match Handle::try_current() {
            Ok(runtime) => leave_behind(&runtime, release),
            Err(_) => poll_once(release),
        }
    }
}

task_local! {
    /// Everybody who waits for the releases that this task leaves behind, outermost first.
    static WAITING: Vec<TaskTracker>;
}

fn waiting_here() -> Vec<TaskTracker> {
    WAITING.try_with(Clone::clone).unwrap_or_default()
}

fn leave_behind(runtime: &Handle, release: Releasing) {
    let waiting = waiting_here();
    let rest = Rest {
        release: Some(release),
        _tokens: waiting.iter().map(TaskTracker::token).collect(),
        _of_runtime: OfRuntime::new(runtime.id()),
    };
    // A release may itself leave others behind, for the same ones to wait for.
    runtime.spawn(WAITING.scope(waiting, rest));
}

/// What is left of a release, counted until it has ended.
struct Rest {
    release: Option<Releasing>,
    _tokens: Vec<TaskTrackerToken>,
    _of_runtime: OfRuntime,
}

impl Future for Rest {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(mut release) = self.release.take() else { return Poll::Ready(()) };
        if release.as_mut().poll(cx).is_pending() {
            self.release = Some(release);
            return Poll::Pending;
        }
        Poll::Ready(())
    }
}

impl Drop for Rest {
    fn drop(&mut self) {
        // The runtime ended first, perhaps before this was polled at all.
        if let Some(release) = self.release.take() {
            poll_once(release);
        }
    }
}

/// The most that can be done for a release once nothing is left to wake it.
fn poll_once(mut release: Releasing) {
    let mut cx = Context::from_waker(Waker::noop());
    // A panic that left a `drop` during another one would end the process. This one has been
    // printed, and there is nobody to pass it on to.
    let _ = catch_unwind(AssertUnwindSafe(|| release.as_mut().poll(&mut cx).is_ready()));
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
    use std::{
        pin::pin,
        sync::{Arc, Mutex},
        time::Duration,
    };

    use tokio::{
        task::yield_now,
        time::{Instant, sleep, timeout},
    };

    use super::*;
    use crate::{Millis, virtual_time};

    /// What happened to a resource, in order.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<&'static str>>>);

    impl Log {
        fn push(&self, what: &'static str) {
            self.0.lock().unwrap().push(what);
        }

        fn seen(&self) -> Vec<&'static str> {
            self.0.lock().unwrap().clone()
        }

        fn resource(&self, takes: Duration) -> Resource {
            Resource { log: self.clone(), takes }
        }
    }

    struct Resource {
        log: Log,
        takes: Duration,
    }

    impl Release for Resource {
        async fn release(self) {
            self.log.push("releasing");
            if !self.takes.is_zero() {
                sleep(self.takes).await;
            }
            self.log.push("released");
        }
    }

    const ONCE: [&str; 2] = ["releasing", "released"];

    #[test]
    fn a_body_that_returns_releases_before_with_returns() {
        virtual_time(async {
            let (log, start) = (Log::default(), Instant::now());
            let answer = scope_of(&log, async |_| 42).await;
            assert_eq!((answer, start.elapsed()), (42, 30.ms()));
            assert_eq!(log.seen(), ONCE);
        });
    }

    #[test]
    fn a_body_that_fails_releases_and_then_its_error_goes_on() {
        virtual_time(async {
            let log = Log::default();
            let result: Result<(), &str> = scope_of(&log, async |_| Err("no")).await;
            assert_eq!(result, Err("no"));
            assert_eq!(log.seen(), ONCE);
        });
    }

    /// 30 ms of release, the time of every `scope_of`.
    async fn scope_of<T>(log: &Log, body: impl AsyncFnOnce(&mut Resource) -> T) -> T {
        with(log.resource(30.ms()), body).await
    }

    #[test]
    fn a_scope_can_borrow_and_still_be_part_of_a_spawned_task() {
        virtual_time(async {
            let log = Log::default();
            let ours = log.clone();
            let task = tokio::spawn(async move {
                let mut words = vec!["a"];
                let length = with(ours.resource(5.ms()), async |resource| {
                    resource.log.push("used");
                    words.push("b");
                    yield_now().await;
                    words.len()
                });
                (length.await, words)
            });
            assert_eq!(task.await.unwrap(), (2, vec!["a", "b"]));
            assert_eq!(log.seen(), ["used", "releasing", "released"]);
        });
    }

    /// Two waits in the body, two in the release: dropped after each number of polls from none
    /// to all, the release ends exactly once.
    #[test]
    fn a_scope_dropped_after_any_poll_is_released_exactly_once() {
        for polls in 0..=5 {
            virtual_time(async move {
                let log = Log::default();
                let done = poll_times(polls, with(Yields(log.clone()), body)).await;
                assert_eq!(done, polls == 5, "after {polls} polls: {:?}", log.seen());
                released().await;
                assert_eq!(log.seen(), ONCE, "after {polls} polls");
                assert!(per_runtime().get(&Handle::current().id()).is_none());
            });
        }
        async fn body(_: &mut Yields) {
            yield_now().await;
            yield_now().await;
        }
    }

    struct Yields(Log);

    impl Release for Yields {
        async fn release(self) {
            self.0.push("releasing");
            yield_now().await;
            yield_now().await;
            self.0.push("released");
        }
    }

    /// Polls `future` so many times, or until it is ready, and drops it; says if it was ready.
    async fn poll_times(times: usize, future: impl Future) -> bool {
        let mut future = pin!(future);
        for _ in 0..times {
            let poll = poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx)));
            if poll.await.is_ready() {
                return true;
            }
        }
        false
    }

    #[test]
    fn a_second_cancel_does_not_cut_the_release_short() {
        virtual_time(async {
            let (log, start) = (Log::default(), Instant::now());
            // Cancelled 10 ms into the 30 ms of its release.
            let job = scope_of(&log, async |_| sleep(20.ms()).await);
            assert!(timeout(30.ms(), job).await.is_err());
            assert_eq!(log.seen(), ["releasing"]);
            released().await;
            assert_eq!((log.seen(), start.elapsed()), (ONCE.to_vec(), 50.ms()));
        });
    }
}
