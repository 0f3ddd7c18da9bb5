//! A schedule polls one task at a time, and picks it at random from the ready tasks.

use std::{
    cell::RefCell,
    fmt,
    future::poll_fn,
    pin::{Pin, pin},
    rc::Rc,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Wake, Waker, ready},
};

use fastrand::Rng;
use futures::future::LocalBoxFuture;
use tokio::{sync::oneshot, task::coop::consume_budget};

/// How many operations on channels, locks and timers a task may do in one poll before Tokio makes
/// it yield. This is a private constant of Tokio. If Tokio raises it, fewer yields are forced here.
const TOKIO_BUDGET: usize = 128;

/// A forced yield happens within this many operations. Arbitrary, but small: most races are between
/// two consecutive operations.
const FORCED_WITHIN: usize = 3;

/// Spawns the tasks whose order is random. Clones spawn onto the same schedule.
#[derive(Clone)]
pub struct Schedule(Rc<Tasks>);

struct Tasks {
    /// The unfinished tasks by number. A task's slot is empty while the task is polled.
    tasks: RefCell<Vec<Option<LocalBoxFuture<'static, ()>>>>,
    ready: Arc<Ready>,
    random: RefCell<Rng>,
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schedule").finish_non_exhaustive()
    }
}

impl Schedule {
    pub(super) fn new(seed: u64) -> Self {
        Self(Rc::new(Tasks {
            tasks: RefCell::default(),
            ready: Arc::default(),
            random: RefCell::new(Rng::with_seed(seed)),
        }))
    }

    /// Spawns a task on this schedule. The future does not need to be `Send`.
    ///
    /// Unlike with `tokio::spawn`, a panic of the task fails the whole run.
    pub fn spawn<F>(&self, future: F) -> Task<F::Output>
    where
        F: Future + 'static,
    {
        let (done, output) = oneshot::channel();
        let mut tasks = self.0.tasks.borrow_mut();
        self.0.ready.push(Runnable::Task(tasks.len()));
        tasks.push(Some(Box::pin(async move {
            // The task handle may have been dropped, so that the output is not needed.
            let _ = done.send(future.await);
        })));
        Task(output)
    }

    /// Polls the program and its tasks in random order, until the program ends.
    pub(super) async fn run<F: Future>(self, program: F) -> F::Output {
        let mut program = pin!(program);
        self.0.ready.push(Runnable::Program);
        let output = poll_fn(|cx| self.poll_one(program.as_mut(), cx)).await;
        // The borrow must end before the drop: a task that is dropped may spawn another task.
        while let Some(task) = { self.0.tasks.borrow_mut().pop() } {
            drop(task);
        }
        output
    }

    /// Polls one ready task. It polls only one per poll of the root, because Tokio counts the
    /// operations of each poll of the root, and because Tokio must poll its own tasks and timers
    /// in between.
    fn poll_one<F: Future>(
        &self,
        program: Pin<&mut F>,
        cx: &mut Context<'_>,
    ) -> Poll<F::Output> {
        let Some(picked) = self.0.ready.pick(cx, &mut self.0.random.borrow_mut()) else {
            return Poll::Pending;
        };
        let waker = Waker::from(Arc::new(TaskWaker {
            task: picked,
            ready: Arc::clone(&self.0.ready),
        }));
        let mut own = Context::from_waker(&waker);
        self.shorten_budget();
        match picked {
            Runnable::Program => program.poll(&mut own),
            Runnable::Task(id) => {
                self.poll_task(id, &mut own);
                Poll::Pending
            }
        }
    }

    fn poll_task(&self, id: usize, cx: &mut Context<'_>) {
        // A task can be woken while it is polled, and end in that poll.
        let Some(mut task) = self.0.tasks.borrow_mut()[id].take() else { return };
        if task.as_mut().poll(cx).is_pending() {
            self.0.tasks.borrow_mut()[id] = Some(task);
        }
    }

    /// In three of four polls, uses up most of the budget, so that the task yields at one of its
    /// next operations.
    fn shorten_budget(&self) {
        let mut random = self.0.random.borrow_mut();
        if random.u8(..4) == 0 {
            return;
        }
        let mut noop = Context::from_waker(Waker::noop());
        for _ in random.usize(..FORCED_WITHIN)..TOKIO_BUDGET {
            // Ready while there is budget left.
            let _ = pin!(consume_budget()).poll(&mut noop);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Runnable {
    Program,
    Task(usize),
}

/// The tasks that were woken and have not been polled since, and the waker of the root.
#[derive(Default)]
struct Ready(Mutex<(Vec<Runnable>, Option<Waker>)>);

impl Ready {
    fn push(&self, task: Runnable) {
        let root = {
            let (ready, root) = &mut *self.lock();
            if !ready.contains(&task) {
                ready.push(task);
            }
            root.take()
        };
        if let Some(root) = root {
            root.wake();
        }
    }

    /// Removes a random ready task, and wakes the root, so that the other ready tasks are polled
    /// too.
    fn pick(&self, cx: &mut Context<'_>, random: &mut Rng) -> Option<Runnable> {
        let (ready, root) = &mut *self.lock();
        *root = Some(cx.waker().clone());
        if ready.is_empty() {
            return None;
        }
        cx.waker().wake_by_ref();
        Some(ready.swap_remove(random.usize(..ready.len())))
    }

    fn lock(&self) -> MutexGuard<'_, (Vec<Runnable>, Option<Waker>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct TaskWaker {
    task: Runnable,
    ready: Arc<Ready>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.ready.push(self.task);
    }
}

/// Waits for a task of a [`Schedule`] and returns its output. Dropping it leaves the task
/// running.
///
/// # Cancel safety
///
/// Cancel safe when awaited as `&mut task`: if that await is dropped, the next one gets the output.
#[derive(Debug)]
pub struct Task<T>(oneshot::Receiver<T>);

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let output = ready!(Pin::new(&mut self.0).poll(cx));
        Poll::Ready(
            output.expect("a panic in a task ends the run before its waiters are polled"),
        )
    }
}
