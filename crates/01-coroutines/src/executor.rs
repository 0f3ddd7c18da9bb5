//! This event loop polls a waiting task again only after the task's waker was called.
//!
//! asyncio's loop is a queue of callbacks, which call `coroutine.send`. A coroutine that must wait
//! yields a `Future`, and a callback of this future puts the coroutine back into the queue. Here the
//! loop calls `poll` and passes a [`Waker`]. A future that is not ready stores the waker where its
//! event will happen, and returns `Pending`. The code that causes the event calls the waker, and the
//! waker puts the task back into the queue. An executor needs no more than this.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Wake, Waker},
};

use async_kit::{Lane, Millis, ask, knob, say};
use futures::{FutureExt, future::BoxFuture};
use tokio::{sync::mpsc, time::sleep};

/// A waits for an answer that B gives after its steps. Both run on the event loop of this file.
pub(crate) async fn run() -> anyhow::Result<()> {
    let steps = knob("steps", 3, 1..=10_usize);
    ask("steps=10", "how many times does the loop poll A, and how many times B?");
    run_on_one_loop(steps).await;
    Ok(())
}

async fn run_on_one_loop(steps: usize) {
    let mut event_loop = Loop::new();
    let answer = Answer::default();
    event_loop.spawn(task_a(answer.clone()).lane("A"));
    event_loop.spawn(task_b(steps, answer).lane("B"));
    let polls = event_loop.run().await;
    say!("polls of A and B: {polls:?}");
}

// ANCHOR: tasks
async fn task_a(answer: Answer) {
    say!("asks B, and waits");
    let answer = answer.await;
    say!("is resumed with {answer}");
}

async fn task_b(steps: usize, answer: Answer) {
    for n in 1..=steps {
        // Tokio's timer stores the waker that this loop passes to it, as `Answer` does.
        sleep(10.ms()).step("working").await;
        say!("has done step {n}");
    }
    say!("answers");
    answer.give(42);
}

/// A value that one task waits for and another task gives.
#[derive(Clone, Default)]
struct Answer(Arc<Mutex<Given>>);

#[derive(Default)]
struct Given {
    value: Option<u32>,
    waker: Option<Waker>,
}

impl Future for Answer {
    type Output = u32;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u32> {
        let mut given = lock(&self.0);
        if let Some(value) = given.value {
            return Poll::Ready(value);
        }
        given.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Answer {
    fn give(&self, value: u32) {
        let mut given = lock(&self.0);
        given.value = Some(value);
        let waker = given.waker.take();
        // A waker may run any code, so it is called without the lock.
        drop(given);
        waker.into_iter().for_each(Waker::wake);
    }
}
// ANCHOR_END: tasks

// ANCHOR: executor
struct Loop {
    ready: mpsc::UnboundedReceiver<Arc<Task>>,
    queue: mpsc::UnboundedSender<Arc<Task>>,
    unfinished: usize,
    polls: Vec<usize>,
}

struct Task {
    number: usize,
    /// `None` after the future returned `Ready`, because it must not be polled after that.
    future: Mutex<Option<BoxFuture<'static, ()>>>,
    queue: mpsc::UnboundedSender<Arc<Task>>,
}

impl Loop {
    fn new() -> Self {
        let (queue, ready) = mpsc::unbounded_channel();
        Self { ready, queue, unfinished: 0, polls: Vec::new() }
    }

    fn spawn(&mut self, future: impl Future<Output = ()> + Send + 'static) {
        let future = Mutex::new(Some(future.boxed()));
        let (number, queue) = (self.polls.len(), self.queue.clone());
        self.polls.push(0);
        self.unfinished += 1;
        // A new task is ready for its first poll.
        Arc::new(Task { number, future, queue }).wake();
    }

    /// Runs until every task has ended, and returns how many times each was polled. While no task is
    /// ready, it waits for a waker.
    async fn run(mut self) -> Vec<usize> {
        while self.unfinished > 0 {
            let task = self.ready.recv().await.expect("the loop holds a sender");
            let waker = Waker::from(Arc::clone(&task));
            let mut future = lock(&task.future);
            let Some(running) = future.as_mut() else { continue };
            self.polls[task.number] += 1;
            // The loop does not put a pending task back: the task's waker does that.
            if running.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                *future = None;
                self.unfinished -= 1;
            }
        }
        self.polls
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        let queue = self.queue.clone();
        // If the loop has ended, its tasks have ended too, and a late wake means nothing.
        let _ = queue.send(self);
    }
}
// ANCHOR_END: executor

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use async_kit::{Transcript, virtual_time};
    use tokio::time::timeout;

    use super::*;

    /// ```text
    ///    0        10        20        30
    /// A  ●░░░░░░░░░░░░░░░░░░░░░░░░░░░░●✓     waits, and is not polled until B answers
    /// B  ██████████●████████●█████████●✓
    /// ```
    #[test]
    fn a_waits_while_b_works_and_is_resumed_by_bs_answer() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.000s] A asks B, and waits",
                "[  0.010s] B has done step 1",
                "[  0.020s] B has done step 2",
                "[  0.030s] B has done step 3",
                "[  0.030s] B answers",
                "[  0.030s] A is resumed with 42",
                "[  0.030s] polls of A and B: [2, 4]",
            ]);
        });
    }

    #[test]
    fn a_waiting_task_is_polled_twice_however_long_it_waits() {
        for steps in [1, 5, 10] {
            let seen = virtual_time(Transcript::of(run_on_one_loop(steps)));
            let polls = format!("polls of A and B: [2, {}]", steps + 1);
            seen.assert_at((10 * steps as u64).ms(), &polls);
        }
    }

    #[test]
    fn an_answer_that_is_given_early_is_returned_by_the_first_poll() {
        let polls = virtual_time(async {
            let (mut event_loop, answer) = (Loop::new(), Answer::default());
            answer.give(42);
            event_loop.spawn(answer.map(|answer| assert_eq!(answer, 42)));
            event_loop.run().await
        });
        assert_eq!(polls, [1]);
    }

    #[test]
    fn ready_tasks_are_polled_in_the_order_in_which_they_were_spawned() {
        let seen = virtual_time(Transcript::of(async {
            let mut event_loop = Loop::new();
            for n in 0..3 {
                event_loop.spawn(async move { say!("task-{n}") });
            }
            event_loop.run().await;
        }));
        let order = [0, 1, 2].map(|n| format!("[  0.000s] task-{n}"));
        seen.assert_lines(order);
    }

    #[test]
    fn a_task_that_is_woken_after_its_end_is_not_polled_again() {
        let polls = virtual_time(async {
            let mut event_loop = Loop::new();
            // It is in the queue twice when it returns `Ready`, in front of the task that ends the loop.
            event_loop.spawn(poll_fn(|cx| {
                cx.waker().wake_by_ref();
                cx.waker().wake_by_ref();
                Poll::Ready(())
            }));
            event_loop.spawn(sleep(1.ms()));
            event_loop.run().await
        });
        assert_eq!(polls, [1, 2]);
    }

    /// A loop that put pending tasks back itself would poll this task without end, so the second poll
    /// panics.
    #[test]
    fn a_task_that_is_never_woken_is_not_polled_again() {
        virtual_time(async {
            let mut event_loop = Loop::new();
            let mut polled = false;
            event_loop.spawn(poll_fn(move |_| {
                assert!(!polled, "polled again, although its waker was not called");
                polled = true;
                Poll::Pending
            }));
            let ended = timeout(1.secs(), event_loop.run()).await;
            assert!(ended.is_err(), "the task has not ended, so the loop waits for it");
        });
    }
}
