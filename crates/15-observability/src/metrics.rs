//! A program can measure at any time how busy its runtime is and how late its tasks run.
//!
//! asyncio: debug mode logs each callback that takes longer than `loop.slow_callback_duration`; the
//! number of tasks is `len(asyncio.all_tasks())`. Tokio: `Handle::metrics` always counts, at almost
//! no cost. It does not measure how late a task runs. To measure that, a task sleeps and compares
//! the time of its wake-up with its deadline.
#![cfg(not(target_family = "wasm"))]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use async_kit::{Lane, Millis, say};
use tokio::{
    runtime::{Handle, RuntimeMetrics},
    task::AbortHandle,
    time::{Instant, sleep, sleep_until},
};

/// Two periods of 100 ms: in the first a task waits, in the second it blocks its thread.
pub(crate) async fn run() -> anyhow::Result<()> {
    measure("a waiting task", async { sleep(100.ms()).step("waiting").await }).await?;
    // This is the mistake: the blocking call belongs in `spawn_blocking`.
    measure("a blocking task", async { thread::sleep(100.ms()) }).await
}

async fn measure(
    what: &str,
    work: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let (before, lag) = (Load::now(), Lag::probe(5.ms()));
    tokio::spawn(work.lane(what)).await?;
    // The probe records the delay when it runs again. The worker adds its busy time when it parks.
    sleep(10.ms()).await;
    let (now, late) = (Load::now(), lag.longest());
    let Load { workers, tasks, queued, .. } = now;
    let busy = now.busy_since(&before);
    say!("{what}: {tasks} tasks, {queued} queued, workers: {workers}, {busy:.0} % busy");
    say!("{what}: a 5 ms sleep woke up to {} ms late", late.as_millis());
    Ok(())
}

// ANCHOR: load
/// What `Handle::metrics` reports at one moment, without `tokio_unstable`.
#[derive(Clone, Debug)]
struct Load {
    at: Instant,
    workers: usize,
    /// Tasks that were spawned and have not ended.
    tasks: usize,
    /// Tasks in the global queue, ready to run. The local queues of the workers are not counted.
    queued: usize,
    /// The total time since the start, over all workers, in which they were not parked.
    busy: Duration,
}

impl Load {
    fn now() -> Self {
        Self::of(&Handle::current().metrics())
    }

    fn of(runtime: &RuntimeMetrics) -> Self {
        let workers = runtime.num_workers();
        Self {
            at: Instant::now(),
            workers,
            tasks: runtime.num_alive_tasks(),
            queued: runtime.global_queue_depth(),
            busy: (0..workers)
                .map(|worker| runtime.worker_total_busy_duration(worker))
                .sum(),
        }
    }

    /// Returns the busy time since `before`, in percent of the time of all workers.
    ///
    /// A worker adds its busy time only when it parks, so a blocked worker seems idle until then.
    fn busy_since(&self, before: &Self) -> f64 {
        let passed = (self.at - before.at).as_secs_f64() * self.workers as f64;
        100.0 * (self.busy - before.busy).as_secs_f64() / passed
    }
}
// ANCHOR_END: load

// ANCHOR: lag
/// Sleeps repeatedly, and records the longest delay of a wake-up.
#[must_use = "dropping it ends the probe"]
struct Lag {
    longest: Arc<AtomicU64>,
    probe: AbortHandle,
}

impl Lag {
    fn probe(interval: Duration) -> Self {
        let longest = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&longest);
        // The deadline is set outside the task, because its first poll may already be late.
        let mut deadline = Instant::now() + interval;
        let probe = tokio::spawn(async move {
            loop {
                sleep_until(deadline).await;
                seen.fetch_max(deadline.elapsed().as_micros() as u64, Ordering::Relaxed);
                deadline = Instant::now() + interval;
            }
        });
        Self { longest, probe: probe.abort_handle() }
    }

    fn longest(&self) -> Duration {
        Duration::from_micros(self.longest.load(Ordering::Relaxed))
    }
}

impl Drop for Lag {
    fn drop(&mut self) {
        self.probe.abort();
    }
}
// ANCHOR_END: lag

#[cfg(test)]
mod tests {
    use std::future::pending;

    use async_kit::virtual_time;
    use tokio::{runtime::Builder, time::advance};

    use super::*;

    #[test]
    fn a_sleep_is_late_by_the_length_of_the_block() {
        virtual_time(async {
            let lag = Lag::probe(10.ms());
            sleep(100.ms()).await;
            assert_eq!(lag.longest(), 0.ms(), "no task has blocked");
            // `advance` acts like `thread::sleep`: time passes and no other task runs.
            advance(300.ms()).await;
            sleep(10.ms()).await;
            assert!(
                (290.ms()..=300.ms()).contains(&lag.longest()),
                "{:?}",
                lag.longest()
            );
        });
    }

    #[test]
    fn dropping_the_probe_ends_its_task() {
        virtual_time(async {
            let before = Load::now().tasks;
            let probe = Lag::probe(10.ms());
            assert_eq!(Load::now().tasks, before + 1, "{:?}", Load::now());
            drop(probe);
            sleep(1.ms()).await;
            assert_eq!(Load::now().tasks, before, "{:?}", Load::now());
        });
    }

    #[test]
    fn a_spawned_task_counts_as_alive_until_it_ends() {
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let tasks = [1, 2, 3].map(|_| tokio::spawn(pending::<()>()));
            assert_eq!(Load::now().tasks, 3, "{:?}", Load::now());
            tasks.iter().for_each(|task| task.abort());
            for task in tasks {
                assert!(task.await.is_err_and(|ended| ended.is_cancelled()));
            }
            assert_eq!(Load::now().tasks, 0, "{:?}", Load::now());
        });
    }

    #[test]
    fn a_worker_counts_as_busy_while_it_is_blocked() {
        let runtime =
            Builder::new_current_thread().enable_time().build().expect("a runtime");
        let metrics = runtime.metrics();
        let before = Load::of(&metrics);
        runtime.block_on(async {
            thread::sleep(5.ms());
            // During this sleep the worker parks, and adds its busy time.
            sleep(1.ms()).await;
        });
        let after = Load::of(&metrics);
        assert!(after.busy - before.busy >= 5.ms(), "{after:?} after {before:?}");
    }

    #[test]
    fn one_busy_worker_of_two_is_50_percent() {
        let at = Instant::now();
        let before = Load { at, workers: 2, tasks: 0, queued: 0, busy: 100.ms() };
        let after = Load { at: at + 50.ms(), busy: 150.ms(), ..before.clone() };
        assert_eq!(after.busy_since(&before), 50.0);
    }
}
