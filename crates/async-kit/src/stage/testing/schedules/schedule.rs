//! A schedule polls one ready task at a time, and which one is a matter of chance.

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

/// How many operations on channels, locks and timers Tokio lets a task do in one poll before it
/// makes the task yield. An inner constant of Tokio; were it another, fewer yields would be
/// forced.
const TOKIO_BUDGET: usize = 128;

/// A forced yield comes before this many operations are done. Arbitrary, but small: most races
/// live between two neighbours.
const EARLY: usize = 3;

/// Spawns the tasks whose order is random. Clones spawn onto the same schedule.
#[derive(Clone)]
pub struct Schedule(Rc<Tasks>);

struct Tasks {
    /// The unfinished tasks by number. A task is taken out while it is polled.
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

    /// Starts a task of this schedule. It need not be `Send`.
    ///
    /// Unlike a task of Tokio, one that panics fails the whole run.
    pub fn spawn<F>(&self, future: F) -> Task<F::Output>
    where
        F: Future + 'static,
    {
        let (done, output) = oneshot::channel();
        let mut tasks = self.0.tasks.borrow_mut();
        self.0.ready.push(Who::Task(tasks.len()));
        tasks.push(Some(Box::pin(async move {
            // Nobody may wait for the output.
            let _ = done.send(future.await);
        })));
        Task(output)
    }

    /// Polls the program and its tasks, each in its random turn, until the program ends.
    pub(super) async fn run<F: Future>(self, program: F) -> F::Output {
        let mut program = pin!(program);
        self.0.ready.push(Who::Program);
        let output = poll_fn(|cx| self.turn(program.as_mut(), cx)).await;
        // Outside the borrow: a task that is dropped may spawn another.
        while let Some(task) = { self.0.tasks.borrow_mut().pop() } {
            drop(task);
        }
        output
    }

    /// One turn of one task. Only one for each poll of the root, because Tokio counts operations
    /// by such polls, and so that its own tasks and timers get their turns as well.
    fn turn<F: Future>(
        &self,
        program: Pin<&mut F>,
        cx: &mut Context<'_>,
    ) -> Poll<F::Output> {
        let Some(who) = self.0.ready.pick(cx, &mut self.0.random.borrow_mut()) else {
            return Poll::Pending;
        };
        let waker =
            Waker::from(Arc::new(TaskWaker { who, ready: Arc::clone(&self.0.ready) }));
        let mut own = Context::from_waker(&waker);
        self.shorten_budget();
        match who {
            Who::Program => program.poll(&mut own),
            Who::Task(id) => {
                self.poll_task(id, &mut own);
                Poll::Pending
            }
        }
    }

    fn poll_task(&self, id: usize, cx: &mut Context<'_>) {
        // A woken task may have ended meanwhile.
        let Some(mut task) = self.0.tasks.borrow_mut()[id].take() else { return };
        if task.as_mut().poll(cx).is_pending() {
            self.0.tasks.borrow_mut()[id] = Some(task);
        }
    }

    /// Three of four turns end early: at the first, second, … operation that counts.
    fn shorten_budget(&self) {
        let mut random = self.0.random.borrow_mut();
        if random.u8(..4) == 0 {
            return;
        }
        let mut nobody = Context::from_waker(Waker::noop());
        for _ in random.usize(..EARLY)..TOKIO_BUDGET {
            // Ready while there is anything left to consume.
            let _ = pin!(consume_budget()).poll(&mut nobody);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Program,
    Task(usize),
}

/// The tasks that were woken and not polled since.
#[derive(Default)]
struct Ready(Mutex<(Vec<Who>, Option<Waker>)>);

impl Ready {
    fn push(&self, who: Who) {
        let root = {
            let (ready, root) = &mut *self.lock();
            if !ready.contains(&who) {
                ready.push(who);
            }
            root.take()
        };
        if let Some(root) = root {
            root.wake();
        }
    }

    /// Takes one of the ready tasks at random, and has the root polled again for the others.
    fn pick(&self, cx: &mut Context<'_>, random: &mut Rng) -> Option<Who> {
        let (ready, root) = &mut *self.lock();
        *root = Some(cx.waker().clone());
        if ready.is_empty() {
            return None;
        }
        cx.waker().wake_by_ref();
        Some(ready.swap_remove(random.usize(..ready.len())))
    }

    fn lock(&self) -> MutexGuard<'_, (Vec<Who>, Option<Waker>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct TaskWaker {
    who: Who,
    ready: Arc<Ready>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.ready.push(self.who);
    }
}

/// Waits for a task of a [`Schedule`] and returns its output. Dropping it leaves the task
/// running.
///
/// # Cancel safety
///
/// Cancel safe as `&mut task`: the output stays until it is taken.
#[derive(Debug)]
pub struct Task<T>(oneshot::Receiver<T>);

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let output = ready!(Pin::new(&mut self.0).poll(cx));
        Poll::Ready(
            output.expect("a task that panics ends the run, and so do its waiters"),
        )
    }
}
