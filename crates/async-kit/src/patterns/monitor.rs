//! A monitor has one report for every task it ran, which states how the task ended.
//!
//! Each task writes its own report as its last step, into a list under a lock, so the list is in the
//! order in which the tasks ended. If a task is dropped before that, a guard writes its report.

mod report;
mod shared;

use std::{sync::Arc, time::Duration};

use tokio::select;
use tokio_util::sync::CancellationToken;

pub use report::{Outcome, Report, State, panic_text};
use shared::{Lists, Reporter, Shared};

use super::{
    deadline::TimeLimit,
    scope::{self, Guard},
    tasks::{LostPanic, Panic, Tasks},
    waiters::{Acquire, wake},
};

/// Runs named tasks, lists which are active, and reports how each of them ended.
///
/// The nearest asyncio names are `Task.done()`, `Task.cancelled()` and `Task.exception()` on tasks
/// from `create_task(…, name="…")`. [`tokio::task::JoinSet`] has no names and no time limits, and
/// does not distinguish a task that returned an `Err` from one that returned a value.
///
/// The tasks do not depend on each other: if one fails, the others continue. For tasks that belong
/// together, see [`Group`](super::Group).
///
/// # State
///
/// A task is [`State::Running`] until the releases of the [scopes](scope::with) in it have ended
/// too.
///
/// # Shutdown
///
/// Dropping the monitor cancels the tasks that still run.
///
/// # Examples
///
/// ```
/// use std::{future, time::Duration};
/// use async_kit::{Monitor, monitor::State};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let monitor = Monitor::new();
/// monitor.spawn("answer", async { Ok(42) });
/// monitor.spawn("typo", async { Err("no such host") });
/// monitor.spawn_within("slow", Duration::from_millis(500), future::pending());
/// assert_eq!(monitor.active(), ["answer", "typo", "slow"]);
/// assert_eq!(monitor.state("slow"), Some(State::Running));
///
/// let reports: Vec<_> = monitor.join().await.iter().map(ToString::to_string).collect();
/// assert_eq!(
///     reports,
///     ["answer: done", "typo: failed: no such host", "slow: timed out after 500ms"]
/// );
/// # }
/// ```
#[must_use = "dropping a monitor cancels its tasks"]
pub struct Monitor<T, E> {
    shared: Arc<Shared<T, E>>,
    tasks: Tasks,
}

impl<T: Send + 'static, E: Send + 'static> Monitor<T, E> {
    /// Makes a monitor that runs nothing yet.
    pub fn new() -> Self {
        Self { shared: Arc::default(), tasks: Tasks::default() }
    }

    /// Spawns a task without a limit. Several tasks may share a name.
    ///
    /// # Panics
    ///
    /// Panics outside a Tokio runtime.
    pub fn spawn<F>(&self, name: impl Into<String>, task: F)
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        self.start(name.into(), None, task);
    }

    /// Spawns a task that is cancelled if it has not ended after `limit`.
    ///
    /// The limit starts at the task's first poll. Any duration is allowed; one below a millisecond
    /// counts as one. If a task ends in the same tick as its limit, it counts as done.
    ///
    /// # Panics
    ///
    /// Panics outside a Tokio runtime. If the runtime has no timer, the task panics, and its report
    /// contains the panic.
    pub fn spawn_within<F>(&self, name: impl Into<String>, limit: Duration, task: F)
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        self.start(name.into(), Some(limit), task);
    }

    fn start<F>(&self, name: String, limit: Option<Duration>, task: F)
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let cancel = self.tasks.cancel.child_token();
        let reporter = Reporter::new(&self.shared, name, cancel.clone());
        self.tasks.tracker.spawn(async move {
            let lost = LostPanic::new();
            // The panic is caught around the cancellation, because the `drop` of a cancelled task may
            // panic too.
            let outcome =
                scope::settled(lost.catch_unwind(run(task, cancel, limit))).await;
            let panicked = |panic: Panic| Outcome::Panicked(panic_text(&*panic).into());
            reporter.report(lost.take().map_or(outcome, Err).unwrap_or_else(panicked));
        });
    }

    /// Cancels every running task of this name, and returns how many there were.
    ///
    /// A task that has ended is not affected. If a task on another thread ends by itself before it
    /// notices the cancellation, its report states how it ended.
    pub fn cancel(&self, name: &str) -> usize {
        let tokens = self.shared.lists().tokens_of(name);
        // The tasks are cancelled after the lock is released, because this wakes them.
        tokens.iter().for_each(CancellationToken::cancel);
        tokens.len()
    }

    /// Returns the names of the tasks that have not ended, in the order of their spawn.
    pub fn active(&self) -> Vec<String> {
        self.shared.lists().running.values().map(|task| task.name.clone()).collect()
    }

    /// Returns the state of the tasks of this name: `Running` if one of them runs, otherwise how
    /// the last of them ended. `None` if the name was never used, or all its reports were taken.
    pub fn state(&self, name: &str) -> Option<State> {
        self.shared.lists().state_of(name)
    }

    /// Waits for the next task to end, and takes its report. Returns `None` if no task runs and
    /// every report was taken. Concurrent calls get reports in FIFO order.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a report is taken only when it is returned. A dropped `next` loses its position
    /// in the wait queue.
    pub async fn next(&self) -> Option<Report<T, E>> {
        let acquire =
            Acquire::new(&self.shared.lists, |lists| &mut lists.waiters, Lists::is_over);
        let mut lists = acquire.await?;
        let report = lists.reports.pop_front();
        let wakers = lists.wakers_if_over();
        drop(lists);
        wake(wakers);
        report
    }

    /// Waits until no task runs, and takes the reports that were not taken before, in the order in
    /// which the tasks ended. It does not take a report that was granted to a waiting
    /// [`next`](Self::next).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the reports are taken only when they are returned.
    pub async fn join(&self) -> Vec<Report<T, E>> {
        loop {
            // `all_ended` is created before the check. Otherwise a task that ends between the check
            // and the await would not wake this call.
            let all_ended = self.shared.all_ended.notified();
            if let Some(reports) = self.shared.lists().take_rest() {
                return reports;
            }
            all_ended.await;
        }
    }
}

async fn run<T, E>(
    task: impl Future<Output = Result<T, E>>,
    cancel: CancellationToken,
    limit: Option<Duration>,
) -> Outcome<T, E> {
    select! {
        biased;
        () = cancel.cancelled() => Outcome::Cancelled,
        // `Duration::MAX` starts no timer.
        result = task.within(limit.unwrap_or(Duration::MAX)) => match result {
            Ok(Ok(value)) => Outcome::Done(value),
            Ok(Err(error)) => Outcome::Failed(error),
            Err(_) => Outcome::TimedOut(limit.unwrap_or(Duration::MAX)),
        },
    }
}

impl<T: Send + 'static, E: Send + 'static> Default for Monitor<T, E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, E> Drop for Monitor<T, E> {
    fn drop(&mut self) {
        self.tasks.cancel.cancel();
        // The dropped guard waits for the tasks in a background release, so that `settled` and
        // `released` wait for them too.
        drop(Guard::new(self.tasks.clone()));
    }
}
