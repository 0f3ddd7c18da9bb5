//! A cancel-safe future can be dropped at every await, and loses and leaks nothing.
//!
//! A future can be dropped before its first poll, and after each poll that returned `Pending`.
//! After such a poll there are two cases, and most bugs are in the rarer one. Another task has
//! *woken* the future, and assumes that the future got its item or its permit, but the future is
//! dropped before it is polled again. A test that cancels with a timeout never reaches this case.

use std::{
    fmt,
    panic::Location,
    pin::pin,
    sync::Arc,
    task::{Context, Wake, Waker},
    thread,
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};

use crate::{
    patterns::scope,
    stage::{
        record::{Recorder, Recording},
        runtime,
        virtual_time::run_here,
    },
};

/// How long, in virtual time, the other tasks continue after a cut. Arbitrary: much longer than the
/// delays of a test, but short enough for a test with a task that ticks every millisecond.
pub(super) const SETTLE_TIME: Duration = Duration::from_secs(60);

/// If the operation waits more often than this, it counts as endless. Arbitrary.
pub(super) const MOST_WAITS: usize = 1000;

/// The point at which the future was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cut {
    /// The future was made and never polled.
    BeforeFirstPoll,
    /// Its n-th wait had just begun; the first wait is 1.
    Waiting(usize),
    /// Its n-th wait was over: it had been woken, and was not polled again.
    Woken(usize),
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BeforeFirstPoll => f.write_str("dropped before its first poll"),
            Self::Waiting(wait) => write!(f, "dropped while waiting (wait {wait})"),
            Self::Woken(wait) => {
                write!(
                    f,
                    "dropped after it was woken, before it was polled (wait {wait})"
                )
            }
        }
    }
}

/// Drops a future at every point where it can be dropped, each time in a new runtime, and checks
/// the state afterwards. Returns the number of these points, which are called cuts.
///
/// asyncio has no counterpart: there `task.cancel()` raises an exception at the await, and the
/// task can still handle it. In Rust a dropped future runs no more code, so cancel safety must
/// hold at every await.
///
/// For each cut, in a new runtime in virtual time:
///
/// 1. `setup` makes the state.
/// 2. `operation` makes the future from the state.
/// 3. The future is polled up to the cut and dropped.
/// 4. The other tasks continue for 60 s of virtual time, and the releases of
///    [`scope`](crate::scope) are awaited.
/// 5. `check` asserts on the state.
///
/// A value that must live longer than the call of `setup`, such as a guard, belongs in the state
/// or in a spawned task.
///
/// Assert the number of cuts that you expect. If there are fewer, the future did not have to wait
/// where it should. A future that waits once has three cuts (before its first poll, while waiting,
/// after it was woken), and each further wait adds two. If a wait does not end within 60 s of
/// virtual time, it is the last one, and has no cut "after it was woken".
///
/// The number is the same in every run only if the operation is
/// [repeatable](crate::virtual_time()#repeatable-runs). A call of `spawn_blocking` may end before its
/// handle is polled, and then there is no wait. Assert a lower bound for such an operation.
///
/// # Examples
///
/// Wherever a receiver is dropped, the item must stay for the next receiver:
///
/// ```
/// use async_kit::{Millis, cancel_at_every_await};
/// use tokio::{sync::{Mutex, mpsc}, time::sleep};
///
/// let cuts = cancel_at_every_await(
///     // The queue is empty, so that the receiver has to wait; the item is sent later.
///     async || {
///         let (sender, receiver) = mpsc::channel(1);
///         tokio::spawn(async move {
///             sleep(10.ms()).await;
///             sender.send("item").await.unwrap();
///         });
///         Mutex::new(receiver)
///     },
///     async |receiver| receiver.lock().await.recv().await,
///     async |receiver, cut| {
///         assert_eq!(receiver.lock().await.recv().await, Some("item"), "{cut}");
///     },
/// );
/// assert_eq!(cuts, 3);
/// ```
///
/// # Panics
///
/// - If `check` panics: with that panic, after printing the cut to standard error.
/// - If a run deadlocks: with the report of [`virtual_time`](crate::virtual_time()).
/// - If the operation never waits, because then nothing was tested.
/// - If the operation waits more than 1000 times.
/// - When called inside a Tokio runtime.
#[must_use = "assert the number of cuts: with fewer, the operation did not wait where it should"]
#[track_caller]
pub fn cancel_at_every_await<S, O>(
    setup: impl AsyncFn() -> S,
    operation: impl AsyncFn(&S) -> O,
    check: impl AsyncFn(&S, Cut),
) -> usize {
    let cuts = cancel_and_record(MOST_WAITS, setup, operation, check, |_| {});
    check_count(cuts, MOST_WAITS);
    cuts
}

/// Panics if the operation never waited, or waits more than `most` times.
#[track_caller]
fn check_count(cuts: usize, most: usize) {
    assert!(
        cuts > 1,
        "the operation never waited, so nothing was tested: change the setup so that it must wait"
    );
    assert!(cuts <= 1 + 2 * most, "the operation waits more than {most} times");
}

/// Like [`cancel_at_every_await`], with any number of cuts, but at most one wait more than `most`.
/// Passes what each run recorded to `inspect`.
#[track_caller]
pub(super) fn cancel_and_record<S, O>(
    most: usize,
    setup: impl AsyncFn() -> S,
    operation: impl AsyncFn(&S) -> O,
    check: impl AsyncFn(&S, Cut),
    inspect: impl Fn(Recording),
) -> usize {
    runtime::assert_outside();
    let caller = Location::caller();
    let reaches = |cut| {
        let recorder = Recorder::silent();
        let report = ReportCut { cut, caller };
        let reached = in_new_runtime(&recorder, async || {
            let state = setup().await;
            let reached = drop_at(cut, operation(&state)).await;
            if reached {
                sleep(SETTLE_TIME).await;
                scope::released().await;
                check(&state, cut).await;
            }
            reached
        });
        drop(report);
        inspect(recorder.recording());
        reached
    };
    assert!(reaches(Cut::BeforeFirstPoll));
    // One wait more than allowed: an operation that waits exactly `most` times has no such wait.
    let waits = (1..=most + 1).map(|wait| [Cut::Waiting(wait), Cut::Woken(wait)]);
    1 + waits.flatten().take_while(|cut| reaches(*cut)).count()
}

#[track_caller]
fn in_new_runtime<T>(recorder: &Recorder, run: impl AsyncFnOnce() -> T) -> T {
    match run_here(recorder, run()) {
        Ok(output) => output,
        Err(failure) => failure.raise(),
    }
}

/// Polls the future up to the cut and drops it. Returns `false` if the future has no such cut.
async fn drop_at(cut: Cut, future: impl Future) -> bool {
    if cut == Cut::BeforeFirstPoll {
        return true;
    }
    let mut future = pin!(future);
    let woken = Arc::new(NotifyWaker::default());
    let waker = Waker::from(Arc::clone(&woken));
    for wait in 1.. {
        if future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
            return false;
        }
        if cut == Cut::Waiting(wait) {
            return true;
        }
        if timeout(SETTLE_TIME, woken.0.notified()).await.is_err() {
            return false;
        }
        if cut == Cut::Woken(wait) {
            return true;
        }
    }
    unreachable!("an endless loop")
}

/// The waker of the future under test. It is not the waker of the test's task, so that a wake-up of
/// the timeout does not look like a wake-up of the future.
#[derive(Default)]
struct NotifyWaker(Notify);

impl Wake for NotifyWaker {
    fn wake(self: Arc<Self>) {
        self.0.notify_one();
    }
}

/// Prints the cut if the run panics, because the message of an assertion seldom contains it.
struct ReportCut {
    cut: Cut,
    caller: &'static Location<'static>,
}

impl Drop for ReportCut {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!(
                "the panic above is from the run whose future was {} ({})",
                self.cut, self.caller
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::VecDeque,
        future::pending,
        panic::{AssertUnwindSafe, catch_unwind},
        sync::Mutex,
    };

    use tokio::{
        sync::{Semaphore, oneshot},
        task::yield_now,
    };

    use super::*;
    use crate::{Millis, patterns::scope::Release};

    /// A queue with a bug: it sends an item directly to a waiter, and if that waiter is dropped
    /// before it receives the item, the item is lost.
    #[derive(Default)]
    struct LosingQueue {
        items: Mutex<VecDeque<u8>>,
        waiters: Mutex<VecDeque<oneshot::Sender<u8>>>,
    }

    impl LosingQueue {
        fn push(&self, mut item: u8) {
            while let Some(waiter) = self.waiters.lock().unwrap().pop_front() {
                match waiter.send(item) {
                    Ok(()) => return,
                    Err(refused) => item = refused,
                }
            }
            self.items.lock().unwrap().push_back(item);
        }

        async fn pop(&self) -> u8 {
            if let Some(item) = self.items.lock().unwrap().pop_front() {
                return item;
            }
            let (sender, item) = oneshot::channel();
            self.waiters.lock().unwrap().push_back(sender);
            item.await.expect("a pushed item")
        }
    }

    async fn filled_later() -> Arc<LosingQueue> {
        let queue = Arc::<LosingQueue>::default();
        let queue_of_task = Arc::clone(&queue);
        tokio::spawn(async move {
            sleep(10.ms()).await;
            queue_of_task.push(7);
        });
        queue
    }

    #[test]
    fn an_item_that_a_woken_waiter_loses_is_found_at_that_cut_only() {
        let lost = Mutex::new(Vec::new());
        let cuts = cancel_at_every_await(
            filled_later,
            async |queue| queue.pop().await,
            async |queue, cut| {
                if queue.items.lock().unwrap().is_empty() {
                    lost.lock().unwrap().push(cut);
                }
            },
        );
        assert_eq!(cuts, 3);
        assert_eq!(*lost.lock().unwrap(), [Cut::Woken(1)]);
    }

    #[test]
    fn a_panic_of_the_check_is_the_panic_of_the_test() {
        let checked = catch_unwind(|| {
            cancel_at_every_await(
                filled_later,
                async |queue| queue.pop().await,
                async |queue, cut| {
                    assert_eq!(queue.items.lock().unwrap().len(), 1, "{cut}")
                },
            )
        });
        let message = *checked.unwrap_err().downcast::<String>().unwrap();
        assert!(message.contains(&Cut::Woken(1).to_string()), "{message}");
    }

    #[test]
    fn a_semaphore_of_tokio_loses_no_permit() {
        let cuts = cancel_at_every_await(
            async || {
                let permits = Arc::new(Semaphore::new(0));
                let added_later = Arc::clone(&permits);
                tokio::spawn(async move {
                    for _ in 0..3 {
                        sleep(10.ms()).await;
                        added_later.add_permits(1);
                    }
                });
                permits
            },
            async |permits| {
                let two = permits.acquire_many(2).await;
                yield_now().await;
                drop(two);
            },
            async |permits, cut| assert_eq!(permits.available_permits(), 3, "{cut}"),
        );
        assert_eq!(cuts, 5);
    }

    #[test]
    fn each_cut_runs_the_setup_again() {
        let setups = Mutex::new(0);
        let cuts = cancel_at_every_await(
            async || *setups.lock().unwrap() += 1,
            async |()| {
                sleep(1.ms()).await;
                sleep(1.ms()).await;
            },
            async |(), _| (),
        );
        // In the last run the operation reaches its end, so there is no cut.
        assert_eq!((cuts, *setups.lock().unwrap()), (5, 6));
    }

    #[test]
    fn a_wait_that_never_ends_is_cut_once() {
        let cuts = cancel_at_every_await(
            async || (),
            async |()| pending::<()>().await,
            async |(), _| (),
        );
        assert_eq!(cuts, 2);
    }

    #[test]
    fn an_operation_may_wait_exactly_as_often_as_allowed() {
        let cuts_with = |most| {
            let operation = async |_: &()| {
                for _ in 0..3 {
                    yield_now().await;
                }
            };
            let cuts =
                cancel_and_record(most, async || (), operation, async |_, _| (), |_| ());
            check_count(cuts, most);
            cuts
        };
        assert_eq!(cuts_with(3), 7);
        let checked = catch_unwind(|| cuts_with(2));
        let message = *checked.unwrap_err().downcast::<String>().unwrap();
        assert_eq!(message, "the operation waits more than 2 times");
    }

    struct Slow(Arc<Mutex<bool>>);

    impl Release for Slow {
        async fn release(self) {
            sleep(2 * SETTLE_TIME).await;
            *self.0.lock().unwrap() = true;
        }
    }

    #[test]
    fn the_check_waits_for_a_release_that_takes_longer_than_a_minute() {
        let cuts = cancel_at_every_await(
            async || Arc::new(Mutex::new(false)),
            // Not an async closure: the scope must exist before the first poll.
            |released: &Arc<Mutex<bool>>| {
                let released = Arc::clone(released);
                scope::with(Slow(released), async |_| pending::<()>().await)
            },
            async |released, cut| assert!(*released.lock().unwrap(), "{cut}"),
        );
        assert_eq!(cuts, 2);
    }

    #[test]
    fn an_operation_that_never_waits_is_refused() {
        let checked = catch_unwind(AssertUnwindSafe(|| {
            cancel_at_every_await(async || (), async |()| (), async |(), _| ())
        }));
        let message = *checked.unwrap_err().downcast::<&str>().unwrap();
        assert!(message.contains("never waited"), "{message}");
    }
}
