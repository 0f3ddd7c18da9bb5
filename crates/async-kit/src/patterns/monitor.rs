//! A monitor reports truthfully what became of every task it runs.
//!
//! Each task writes its own report as the last thing it does, into a list under a lock, so the
//! list is in the order in which tasks ended. A guard writes the report of a task that is
//! dropped before it could.

mod report;
#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    mem,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::FutureExt;
use tokio::{select, sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

use report::message_of;
pub use report::{Outcome, Report, State};

use super::{
    deadline::TimeLimit,
    group::Tasks,
    scope::{self, Guard},
};

/// Runs named tasks, knows which are active, and reports how each of them ended.
///
/// The nearest asyncio names are `Task.done()`, `Task.cancelled()` and `Task.exception()` on
/// tasks from `create_task(…, name="…")`. [`tokio::task::JoinSet`] has no names, and knows
/// neither a time limit nor a task's own `Err` from its value.
///
/// A task is [`State::Running`] until the releases of the [scopes](scope::with) in it have
/// ended too. The tasks do not depend on each other: see [`Group`](super::group::Group) for
/// tasks that do. Dropping the monitor cancels those that still run.
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
    board: Arc<Board<T, E>>,
    tasks: Tasks,
}

impl<T: Send + 'static, E: Send + 'static> Monitor<T, E> {
    /// Makes a monitor that runs nothing yet.
    pub fn new() -> Self {
        Self { board: Arc::default(), tasks: Tasks::default() }
    }

    /// Spawns a task without a limit. Several tasks may share a name.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub fn spawn<F>(&self, name: impl Into<String>, task: F)
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        self.start(name.into(), None, task);
    }

    /// Spawns a task that is cancelled when it has not ended after `limit`.
    ///
    /// The limit runs from the task's first poll. Any duration is allowed; one below a
    /// millisecond counts as one. A task that ends just as its limit passes is done.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime; in the task, and so in its report, where the runtime has no
    /// timer.
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
        let cancel = self.tasks.stop.child_token();
        let reporter = Reporter::new(&self.board, name, cancel.clone());
        self.tasks.tracker.spawn(async move {
            // Outside, so that it also catches a panic in the `drop` of a cancelled task.
            let task = AssertUnwindSafe(run(task, cancel, limit)).catch_unwind();
            let panicked = |panic: Box<_>| Outcome::Panicked(message_of(&*panic));
            reporter.report(scope::settled(task).await.unwrap_or_else(panicked));
        });
    }

    /// Cancels every running task of this name, and says how many were told to stop.
    ///
    /// A task that has ended stays as it ended. One that ends by itself before it notices, on
    /// another thread, is reported as it ended.
    pub fn cancel(&self, name: &str) -> usize {
        let named = self.board.lists().cancels_of(name);
        // After the lock is gone: this wakes the tasks.
        named.iter().for_each(CancellationToken::cancel);
        named.len()
    }

    /// The names of the tasks that have not ended, in the order of their spawn.
    pub fn active(&self) -> Vec<String> {
        self.board.lists().running.iter().map(|task| task.name.clone()).collect()
    }

    /// What is known of the tasks of this name: `Running` if one of them runs, else how the
    /// last of them ended; `None` for a name that was never used, or whose reports were taken.
    pub fn state(&self, name: &str) -> Option<State> {
        self.board.lists().state_of(name)
    }

    /// Waits for the next task to end, and takes its report; `None` when no task runs and every
    /// report was taken.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a report is taken only when it is returned.
    pub async fn next(&self) -> Option<Report<T, E>> {
        let next = |lists: &mut Lists<T, E>| match lists.reports.pop_front() {
            None if !lists.running.is_empty() => None,
            report => Some(report),
        };
        self.board.wait_for(next).await
    }

    /// Waits until no task runs, and takes the reports that were not taken yet, in the order in
    /// which the tasks ended.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the reports are taken only when they are returned.
    pub async fn join(&self) -> Vec<Report<T, E>> {
        let all = |lists: &mut Lists<T, E>| {
            lists.running.is_empty().then(|| mem::take(&mut lists.reports).into())
        };
        self.board.wait_for(all).await
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
        // Without a limit there is no timer.
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
        self.tasks.stop.cancel();
        // Whoever waits for releases waits until the tasks have ended, too.
        drop(Guard::new(self.tasks.clone()));
    }
}

struct Board<T, E> {
    lists: Mutex<Lists<T, E>>,
    reported: Notify,
}

struct Lists<T, E> {
    running: Vec<Running>,
    reports: VecDeque<Report<T, E>>,
    spawned: u64,
}

struct Running {
    id: u64,
    name: String,
    since: Instant,
    cancel: CancellationToken,
}

impl<T, E> Lists<T, E> {
    fn cancels_of(&self, name: &str) -> Vec<CancellationToken> {
        let named = self.running.iter().filter(|task| task.name == name);
        named.map(|task| task.cancel.clone()).collect()
    }

    fn state_of(&self, name: &str) -> Option<State> {
        if self.running.iter().any(|task| task.name == name) {
            return Some(State::Running);
        }
        let last = self.reports.iter().rev().find(|report| report.name == name);
        last.map(|report| report.outcome.state())
    }
}

impl<T, E> Board<T, E> {
    fn lists(&self) -> MutexGuard<'_, Lists<T, E>> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait_for<R>(&self, ready: impl Fn(&mut Lists<T, E>) -> Option<R>) -> R {
        loop {
            // Made before the look, so that a report after the look still wakes it.
            let reported = self.reported.notified();
            if let Some(result) = ready(&mut self.lists()) {
                return result;
            }
            reported.await;
        }
    }
}

// Not derived, here and below: that would ask for `T: Default` and `E: Default`.
impl<T, E> Default for Board<T, E> {
    fn default() -> Self {
        Self { lists: Mutex::default(), reported: Notify::new() }
    }
}

impl<T, E> Default for Lists<T, E> {
    fn default() -> Self {
        Self { running: Vec::new(), reports: VecDeque::new(), spawned: 0 }
    }
}

/// Writes the one report of a task; when it is dropped without one, the task was cancelled.
struct Reporter<T, E> {
    board: Arc<Board<T, E>>,
    id: u64,
}

impl<T, E> Reporter<T, E> {
    fn new(board: &Arc<Board<T, E>>, name: String, cancel: CancellationToken) -> Self {
        let mut lists = board.lists();
        let id = lists.spawned;
        lists.spawned += 1;
        lists.running.push(Running { id, name, since: Instant::now(), cancel });
        Self { board: Arc::clone(board), id }
    }

    fn report(self, outcome: Outcome<T, E>) {
        self.write(outcome);
    }

    fn write(&self, outcome: Outcome<T, E>) {
        let mut lists = self.board.lists();
        let Some(at) = lists.running.iter().position(|task| task.id == self.id) else {
            return;
        };
        let Running { name, since, .. } = lists.running.remove(at);
        lists.reports.push_back(Report { name, outcome, took: since.elapsed() });
        drop(lists);
        self.board.reported.notify_waiters();
    }
}

impl<T, E> Drop for Reporter<T, E> {
    fn drop(&mut self) {
        self.write(Outcome::Cancelled);
    }
}
