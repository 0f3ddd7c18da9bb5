//! On one thread tasks take turns at their awaits; on several threads they run in parallel.
//!
//! asyncio lets tasks only take turns, because its loop has one thread. Tokio offers both: the same
//! program runs on either runtime, and only work without an await shows the difference. This is why
//! a spawned future must be `Send`, and why data that tasks share may need a lock.

#![cfg(not(target_family = "wasm"))]

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    runtime::{Builder, Runtime},
    task::{JoinSet, spawn_blocking},
};

use crate::recorded::recorded;

pub(crate) fn knobs() -> usize {
    let tasks = knob("tasks", 2, 1..=8);
    ask(
        "tasks=8",
        "how many tasks are inside at the same time, on one thread and on eight?",
    );
    tasks
}

/// The same tasks on a runtime of one thread, and then on a runtime with one thread per task.
pub(crate) async fn run(tasks: usize) -> anyhow::Result<()> {
    let record = recorded();
    let one = Builder::new_current_thread().build()?;
    let mut many = Builder::new_multi_thread();
    let many = many.worker_threads(tasks).on_thread_start(record.clone()).build()?;
    // On one thread no other task can enter, however long a task waits for it. On several threads
    // all enter soon; that limit is arbitrary, and only bounds the run.
    for (name, runtime, limit) in [("one", one, 20.ms()), ("many", many, 60.secs())] {
        let record = record.clone();
        // This runs on a thread that may block, because a task of one runtime cannot block on
        // another runtime.
        let all = spawn_blocking(move || {
            record();
            meet(name, &runtime, tasks, limit)
        });
        say!("{name}: at most {} of {tasks} tasks inside at the same time", all.await?);
    }
    Ok(())
}

// ANCHOR: parallel
/// Returns how many tasks were inside the room at the same time.
fn meet(name: &str, runtime: &Runtime, tasks: usize, limit: Duration) -> usize {
    let room = Arc::new(Room::default());
    runtime.block_on(async {
        let mut visits = JoinSet::new();
        for n in 0..tasks {
            let room = Arc::clone(&room);
            let visit = async move {
                let peak = room.visit(tasks, limit);
                say!("has seen {peak} inside");
                peak
            };
            visits.spawn(visit.step("inside").lane(format!("{name}/task-{n}")));
        }
        visits.join_all().await.into_iter().max().unwrap_or(0)
    })
}

#[derive(Default)]
struct Room {
    inside: Mutex<Inside>,
    entered: Condvar,
}

#[derive(Default)]
struct Inside {
    now: usize,
    peak: usize,
}

impl Room {
    /// Stays inside until all `tasks` are inside together, or until the limit. It is a barrier with
    /// a limit, and blocks its thread as a computation would: there is no await.
    fn visit(&self, tasks: usize, limit: Duration) -> usize {
        let mut inside = self.lock();
        inside.now += 1;
        inside.peak = inside.peak.max(inside.now);
        self.entered.notify_all();
        let absent = |inside: &mut Inside| inside.peak < tasks;
        let waited = self.entered.wait_timeout_while(inside, limit, absent);
        drop(waited);
        // Without this the tasks would meet and leave too fast to be seen on the timeline.
        thread::sleep(20.ms());
        let mut inside = self.lock();
        inside.now -= 1;
        inside.peak
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
// ANCHOR_END: parallel

#[cfg(test)]
mod tests {
    use async_kit::Transcript;

    use super::*;

    #[test]
    fn on_one_thread_no_two_tasks_are_inside_at_the_same_time() {
        let one = Builder::new_current_thread().build().unwrap();
        assert_eq!(meet("one", &one, 3, 1.ms()), 1);
    }

    /// If the tasks took turns, each would leave at the limit, without having seen the others.
    #[test]
    fn three_tasks_on_three_threads_are_inside_at_the_same_time() {
        let three = Builder::new_multi_thread().worker_threads(3).build().unwrap();
        assert_eq!(meet("many", &three, 3, 60.secs()), 3);
    }

    #[tokio::test]
    async fn each_task_has_a_lane_and_counts_the_tasks_that_are_inside_with_it() {
        let seen = Transcript::of(run(2)).await;
        let mut texts: Vec<_> = seen
            .lines()
            .iter()
            .map(|line| {
                let lane = line.lane.as_deref().unwrap_or("no lane");
                format!("{lane}: {}", line.text)
            })
            .collect();
        texts.sort();
        assert_eq!(
            texts,
            [
                "many/task-0: has seen 2 inside",
                "many/task-1: has seen 2 inside",
                "no lane: many: at most 2 of 2 tasks inside at the same time",
                "no lane: one: at most 1 of 2 tasks inside at the same time",
                "one/task-0: has seen 1 inside",
                "one/task-1: has seen 1 inside",
            ],
            "{seen}"
        );
    }
}
