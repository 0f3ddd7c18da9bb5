//! An event loop is a queue of ready tasks, and each task's waker puts it back into the queue.
//!
//! asyncio's loop is a queue of callbacks, which call `coroutine.send`. Here the loop calls `poll`
//! and passes a [`Waker`]. A future that is not ready stores the waker where its event will happen,
//! in a timer or a channel for example, and returns `Pending`. The timer calls the waker when the
//! future should be polled again. An executor needs no more than this.

use std::{
    collections::VecDeque,
    future::poll_fn,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Wake, Waker},
};

use async_kit::{ask, knob, say};

/// Runs tasks that each pause three times, on the event loop that this file implements.
pub(crate) async fn run() -> anyhow::Result<()> {
    let tasks = knob("tasks", 2, 1..=5_usize);
    ask("tasks=5", "how many steps come between steps 1 and 2 of task-0?");
    run_on_one_loop(tasks);
    Ok(())
}

fn run_on_one_loop(tasks: usize) {
    let event_loop = Loop::default();
    for n in 0..tasks {
        event_loop.spawn(count(n));
    }
    event_loop.run();
    say!("the queue is empty");
}

async fn count(task: usize) {
    for step in 1..=3 {
        say!("task-{task} takes step {step}");
        pause().await;
    }
}

// ANCHOR: executor
#[derive(Clone, Default)]
struct Loop {
    ready: Arc<Mutex<VecDeque<Arc<Task>>>>,
}

struct Task {
    /// `None` after the future returned `Ready`, because it must not be polled after that.
    future: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
    event_loop: Loop,
}

impl Loop {
    fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        let future = Mutex::new(Some(Box::pin(future) as _));
        self.push(Arc::new(Task { future, event_loop: self.clone() }));
    }

    fn run(&self) {
        while let Some(task) = self.pop() {
            let waker = Waker::from(Arc::clone(&task));
            let mut future = task.future.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(running) = future.as_mut() else { continue };
            // The loop does not put a pending task back: the task's waker does that.
            if running.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                *future = None;
            }
        }
    }

    fn push(&self, task: Arc<Task>) {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).push_back(task);
    }

    fn pop(&self) -> Option<Arc<Task>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.event_loop.clone().push(self);
    }
}
// ANCHOR_END: executor

/// Yields to the other tasks: calls its own waker, and returns `Pending` once.
async fn pause() {
    let mut paused = false;
    poll_fn(|cx| {
        if paused {
            return Poll::Ready(());
        }
        paused = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn two_tasks_take_turns_at_each_pause() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.000s] task-0 takes step 1",
                "[  0.000s] task-1 takes step 1",
                "[  0.000s] task-0 takes step 2",
                "[  0.000s] task-1 takes step 2",
                "[  0.000s] task-0 takes step 3",
                "[  0.000s] task-1 takes step 3",
                "[  0.000s] the queue is empty",
            ]);
        });
    }

    #[test]
    fn no_task_takes_a_step_before_all_tasks_have_taken_the_previous_step() {
        for tasks in [1, 2, 5] {
            let seen =
                virtual_time(Transcript::of(async move { run_on_one_loop(tasks) }));
            let step = |step| {
                (0..tasks).map(move |n| format!("[  0.000s] task-{n} takes step {step}"))
            };
            let end = "[  0.000s] the queue is empty".to_owned();
            seen.assert_lines(step(1).chain(step(2)).chain(step(3)).chain([end]));
        }
    }

    #[test]
    fn a_task_that_is_woken_after_its_end_is_not_polled_again() {
        let event_loop = Loop::default();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let wakers = Arc::clone(&seen);
        event_loop.spawn(poll_fn(move |cx| {
            wakers.lock().unwrap().push(cx.waker().clone());
            Poll::Ready(())
        }));
        event_loop.run();
        let late = seen.lock().unwrap()[0].clone();
        late.wake();
        event_loop.run();
        assert_eq!(seen.lock().unwrap().len(), 1, "the task was polled more than once");
    }

    #[test]
    fn a_task_that_is_never_woken_is_not_polled_again() {
        let event_loop = Loop::default();
        let polls = Arc::new(Mutex::new(0));
        let counted = Arc::clone(&polls);
        event_loop.spawn(poll_fn(move |_| {
            *counted.lock().unwrap() += 1;
            Poll::Pending
        }));
        event_loop.run();
        assert_eq!(*polls.lock().unwrap(), 1);
    }
}
