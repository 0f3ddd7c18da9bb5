//! On one thread tasks take turns at their awaits; on several threads they run in parallel.
//!
//! asyncio lets tasks only take turns, because its loop has one thread. Tokio offers both: the same
//! program runs on either runtime, and only CPU-bound work shows the difference. This is why a
//! spawned future must be `Send`, and why data that tasks share may need a lock.

#![cfg(not(target_family = "wasm"))]

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Instant,
};

use async_kit::{ask, knob, say};
use tokio::{
    runtime::{Builder, Runtime},
    task::spawn_blocking,
};

pub(crate) fn knobs() -> usize {
    let tasks = knob("tasks", 2, 1..=8);
    ask("tasks=8", "are eight threads eight times as fast as one?");
    tasks
}

/// The same computation, in several tasks: on a runtime of one thread, then on one of many threads.
pub(crate) async fn run(tasks: usize) -> anyhow::Result<()> {
    let one = Builder::new_current_thread().build()?;
    let many = Builder::new_multi_thread().worker_threads(tasks).build()?;
    for (name, runtime) in [("one thread", one), ("one thread per task", many)] {
        let start = Instant::now();
        // This runs on a thread that may block, because a task of one runtime cannot block on
        // another runtime.
        let all = spawn_blocking(move || compute_all(&runtime, tasks, compute));
        let (peak, _) = all.await?;
        let took = start.elapsed().as_millis();
        say!("{name}: {took} ms, at most {peak} in progress at the same time");
    }
    Ok(())
}

// ANCHOR: parallel
fn compute_all(
    runtime: &Runtime,
    tasks: usize,
    compute: fn() -> u64,
) -> (usize, Vec<u64>) {
    let busy = Arc::new(Busy::default());
    runtime.block_on(async {
        let start = |_| {
            let busy = Arc::clone(&busy);
            tokio::spawn(async move { busy.during(compute) })
        };
        let tasks: Vec<_> = (0..tasks).map(start).collect();
        let mut sums = Vec::new();
        for task in tasks {
            sums.push(task.await.expect("the computation does not panic"));
        }
        (busy.peak.load(SeqCst), sums)
    })
}

fn compute() -> u64 {
    (0..3_000_000).fold(1, |sum: u64, n| sum.wrapping_mul(31).wrapping_add(n))
}
// ANCHOR_END: parallel

/// Counts the computations that have started and not ended. With fewer cores than threads, some of
/// them are waiting for a core.
#[derive(Default)]
struct Busy {
    now: AtomicUsize,
    peak: AtomicUsize,
}

impl Busy {
    fn during<T>(&self, work: impl FnOnce() -> T) -> T {
        self.peak.fetch_max(self.now.fetch_add(1, SeqCst) + 1, SeqCst);
        let result = work();
        self.now.fetch_sub(1, SeqCst);
        result
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Barrier, mpsc},
        thread,
    };

    use async_kit::Millis;

    use super::*;

    fn three_threads() -> Runtime {
        Builder::new_multi_thread().worker_threads(3).build().unwrap()
    }

    #[test]
    fn one_thread_runs_one_task_at_a_time_with_the_same_result() {
        let one = Builder::new_current_thread().build().unwrap();
        let (peak, on_one) = compute_all(&one, 3, compute);
        assert_eq!(
            peak, 1,
            "on one thread and without an await inside, no two computations can overlap"
        );
        let (_, on_three) = compute_all(&three_threads(), 3, compute);
        assert_eq!(on_one, on_three);
    }

    /// Each task blocks its thread until all three tasks have reached the barrier. If the tasks took
    /// turns, they would never reach it together: the timeout would end the test, which would fail.
    #[test]
    fn three_tasks_on_three_threads_run_at_the_same_moment() {
        static ALL_THREE: Barrier = Barrier::new(3);
        let meet = || {
            ALL_THREE.wait();
            0
        };
        let (done, result) = mpsc::channel();
        thread::spawn(move || done.send(compute_all(&three_threads(), 3, meet)));
        let (peak, _) = result.recv_timeout(30.secs()).expect("all three tasks meet");
        assert_eq!(peak, 3);
    }
}
