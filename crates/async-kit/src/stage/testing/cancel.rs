//! A future dropped at every point where it can be dropped loses and leaks nothing.
//!
//! A future can be dropped before its first poll, and whenever a poll has returned `Pending`.
//! The second has two kinds, and most mistakes hide in the rarer one: the future was *woken*, so
//! that whoever woke it believes it served, but it is dropped before it can take what it was
//! given. A test that cancels by a timeout never gets there.

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

use crate::stage::{record::Recorder, virtual_time::run_here};

/// How long, in virtual time, everybody else runs on after a cut. Arbitrary: far beyond the
/// delays of a test, and no long way for a ticker of milliseconds.
const REST: Duration = Duration::from_secs(60);

/// A victim that waits more often than this is taken for one that never ends. Arbitrary.
const MOST_WAITS: usize = 1000;

/// Where a victim was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cut {
    /// It was made and never polled.
    BeforeFirstPoll,
    /// Its n-th wait, counted from 1, had just begun.
    Waiting(usize),
    /// Its n-th wait was over: it had been woken, and not been polled again.
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

/// Drops a future at each point where it can be dropped, each time in a world of its own, and
/// checks what that world is like afterwards. Returns the number of cuts.
///
/// asyncio has no counterpart: there `task.cancel()` raises an exception at the await, and the
/// task may still answer. In Rust the future is gone, so this is what "cancel safe" has to mean.
///
/// For each cut, in a new runtime in virtual time: `setup` makes the state, `victim` makes the
/// future from it, the future is polled up to the cut and dropped, everybody else runs on for
/// 60 s of virtual time, releases of [`scope`](crate::scope) are awaited, and `check` judges.
/// What must outlive the setup, such as a guard or a spawned task, belongs in the state or in the
/// task.
///
/// State how many cuts you expect: fewer mean that the setup did not contend. A future that waits
/// once has three cuts (before its first poll, while waiting, after it was woken), and one more
/// pair for each further wait. A wait that nobody ends within 60 s of virtual time is the last one,
/// and has no cut "after it was woken".
///
/// # Examples
///
/// A receiver dropped anywhere must leave the item for the next one:
///
/// ```
/// use async_kit::{Millis, cancel_at_every_await};
/// use tokio::{sync::{Mutex, mpsc}, time::sleep};
///
/// let cuts = cancel_at_every_await(
///     // The queue is empty, so that the victim has to wait; the item comes later.
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
/// With the panic of `check`, after saying at which cut; if a world is stuck, with the report of
/// [`virtual_time`](crate::virtual_time()); if the victim never waits, because then nothing was
/// tested; if it waits more than 1000 times. When called inside a Tokio runtime.
#[must_use = "state how many cuts you expect: fewer mean that the setup did not contend"]
#[track_caller]
pub fn cancel_at_every_await<S, O>(
    setup: impl AsyncFn() -> S,
    victim: impl AsyncFn(&S) -> O,
    check: impl AsyncFn(&S, Cut),
) -> usize {
    let caller = Location::caller();
    let reaches = |cut| {
        let _told = TellWhere { cut, caller };
        in_a_new_world(async || {
            let state = setup().await;
            let reached = drop_at(cut, victim(&state)).await;
            if reached {
                sleep(REST).await;
                check(&state, cut).await;
            }
            reached
        })
    };
    assert!(reaches(Cut::BeforeFirstPoll));
    let waits = (1..=MOST_WAITS).map(|wait| [Cut::Waiting(wait), Cut::Woken(wait)]);
    let cuts = 1 + waits.flatten().take_while(|cut| reaches(*cut)).count();
    assert!(
        cuts > 1,
        "the victim never waited, so nothing was tested: let the setup contend"
    );
    assert!(cuts <= 2 * MOST_WAITS, "the victim still waits after {MOST_WAITS} waits");
    cuts
}

#[track_caller]
fn in_a_new_world<T>(life: impl AsyncFnOnce() -> T) -> T {
    match run_here(&Recorder::silent(), life()) {
        Ok(output) => output,
        Err(failure) => failure.raise(),
    }
}

/// Polls the victim up to the cut and drops it; returns whether it came so far.
async fn drop_at(cut: Cut, victim: impl Future) -> bool {
    if cut == Cut::BeforeFirstPoll {
        return true;
    }
    let mut victim = pin!(victim);
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(Arc::clone(&bell));
    for wait in 1.. {
        if victim.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
            return false;
        }
        if cut == Cut::Waiting(wait) {
            return true;
        }
        if timeout(REST, bell.0.notified()).await.is_err() {
            return false;
        }
        if cut == Cut::Woken(wait) {
            return true;
        }
    }
    unreachable!("an endless loop")
}

/// The waker of a victim: its own, so that nothing else looks like a wake of the victim.
#[derive(Default)]
struct Bell(Notify);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.notify_one();
    }
}

/// Says where the victim was dropped if what follows panics: an assertion knows it seldom.
struct TellWhere {
    cut: Cut,
    caller: &'static Location<'static>,
}

impl Drop for TellWhere {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("this was when the victim was {} ({})", self.cut, self.caller);
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
    use crate::Millis;

    /// A queue that hands an item straight to a waiter, as its author believed: a waiter that is
    /// dropped with the item in its hand takes it along.
    #[derive(Default)]
    struct Careless {
        items: Mutex<VecDeque<u8>>,
        waiters: Mutex<VecDeque<oneshot::Sender<u8>>>,
    }

    impl Careless {
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
            let (hand_over, item) = oneshot::channel();
            self.waiters.lock().unwrap().push_back(hand_over);
            item.await.expect("a pushed item")
        }
    }

    async fn filled_later() -> Arc<Careless> {
        let queue = Arc::<Careless>::default();
        let pushing = Arc::clone(&queue);
        tokio::spawn(async move {
            sleep(10.ms()).await;
            pushing.push(7);
        });
        queue
    }

    #[test]
    fn an_item_lost_by_a_woken_waiter_is_found_and_only_there() {
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
    fn the_panic_of_a_check_is_the_panic_of_the_test() {
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
                let opening = Arc::clone(&permits);
                tokio::spawn(async move {
                    for _ in 0..3 {
                        sleep(10.ms()).await;
                        opening.add_permits(1);
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
    fn each_cut_has_a_world_of_its_own() {
        let worlds = Mutex::new(0);
        let cuts = cancel_at_every_await(
            async || *worlds.lock().unwrap() += 1,
            async |()| {
                sleep(1.ms()).await;
                sleep(1.ms()).await;
            },
            async |(), _| (),
        );
        // The last world is the one in which the victim reached its end.
        assert_eq!((cuts, *worlds.lock().unwrap()), (5, 6));
    }

    #[test]
    fn a_wait_that_nobody_ends_is_cut_once() {
        let cuts = cancel_at_every_await(
            async || (),
            async |()| pending::<()>().await,
            async |(), _| (),
        );
        assert_eq!(cuts, 2);
    }

    #[test]
    fn a_victim_that_never_waits_proves_nothing_and_fails() {
        let checked = catch_unwind(AssertUnwindSafe(|| {
            cancel_at_every_await(async || (), async |()| (), async |(), _| ())
        }));
        let message = *checked.unwrap_err().downcast::<&str>().unwrap();
        assert!(message.contains("never waited"), "{message}");
    }
}
