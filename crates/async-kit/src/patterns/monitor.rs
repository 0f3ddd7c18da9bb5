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
    iter,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard},
    task::Waker,
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
    line::{Line, Turn, lock, wake},
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
    /// Cancel safe: a report is taken only when it is returned. A dropped `next` gives up its
    /// place in line.
    pub async fn next(&self) -> Option<Report<T, E>> {
        let turn = Turn::new(&self.board.lists, |lists| &mut lists.turns, Lists::is_over);
        let mut lists = turn.await?;
        let report = lists.reports.pop_front();
        let in_vain = lists.waiting_in_vain();
        drop(lists);
        wake(in_vain);
        report
    }

    /// Waits until no task runs, and takes the reports that were not taken yet, in the order in
    /// which the tasks ended. A report for which a [`next`](Self::next) already waits is its own.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the reports are taken only when they are returned.
    pub async fn join(&self) -> Vec<Report<T, E>> {
        loop {
            // Made before the look, so that an end after the look still wakes it.
            let all_ended = self.board.all_ended.notified();
            if let Some(reports) = self.board.lists().take_rest() {
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
    all_ended: Notify,
}

struct Lists<T, E> {
    running: Vec<Running>,
    reports: VecDeque<Report<T, E>>,
    /// One permit for each report.
    turns: Line,
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

    fn is_over(&self) -> bool {
        self.running.is_empty() && self.reports.is_empty()
    }

    /// Those who wait for a report that will never come, for the caller to wake once unlocked.
    fn waiting_in_vain(&self) -> Vec<Waker> {
        if self.is_over() { self.turns.everybody() } else { Vec::new() }
    }

    /// The reports that nobody waits for, unless a task still runs.
    fn take_rest(&mut self) -> Option<Vec<Report<T, E>>> {
        if !self.running.is_empty() {
            return None;
        }
        // Fewer permits than reports are free while a `next` was woken and did not run yet.
        let free = iter::from_fn(|| self.turns.try_take().then_some(())).count();
        Some(self.reports.split_off(self.reports.len() - free).into())
    }
}

impl<T, E> Board<T, E> {
    fn lists(&self) -> MutexGuard<'_, Lists<T, E>> {
        lock(&self.lists)
    }
}

// Not derived, here and below: that would ask for `T: Default` and `E: Default`.
impl<T, E> Default for Board<T, E> {
    fn default() -> Self {
        Self { lists: Mutex::default(), all_ended: Notify::new() }
    }
}

impl<T, E> Default for Lists<T, E> {
    fn default() -> Self {
        Self {
            running: Vec::new(),
            reports: VecDeque::new(),
            turns: Line::new(0),
            spawned: 0,
        }
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
        let next = lists.turns.put();
        let all_ended = lists.running.is_empty();
        drop(lists);
        wake(next);
        if all_ended {
            self.board.all_ended.notify_waiters();
        }
    }
}

impl<T, E> Drop for Reporter<T, E> {
    fn drop(&mut self) {
        self.write(Outcome::Cancelled);
    }
}
