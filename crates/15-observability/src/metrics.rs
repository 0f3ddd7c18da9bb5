//! How busy the runtime is and how late it runs can be asked at any time.
//!
//! asyncio: debug mode logs whatever held the loop for longer than
//! `loop.slow_callback_duration`; nothing counts tasks but `len(asyncio.all_tasks())`. Tokio:
//! `Handle::metrics` counts all the time, at no cost worth naming. It cannot say how late a task
//! is; a nap that measures its own lateness can.
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

/// Two stretches of 100 ms: in the first everybody waits, in the second one task blocks.
pub(crate) async fn run() -> anyhow::Result<()> {
    measured("all wait", async { sleep(100.ms()).step("waiting").await }).await?;
    // The mistake itself: this belongs into `spawn_blocking`.
    measured("one blocks", async { thread::sleep(100.ms()) }).await
}

async fn measured(
    what: &str,
    work: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let (before, lag) = (Load::now(), Lag::probe(5.ms()));
    tokio::spawn(work.lane(what)).await?;
    // The probe learns of a block when it runs again, and the metrics when a worker parks.
    sleep(10.ms()).await;
    let (now, late) = (Load::now(), lag.worst());
    let Load { workers, tasks, queued, .. } = now;
    let busy = now.busy_since(&before);
    say!("{what}: {tasks} tasks, {queued} queued, workers: {workers}, {busy:.0} % busy");
    say!("{what}: a nap was {} ms late at worst", late.as_millis());
    Ok(())
}

// ANCHOR: load
/// What `Handle::metrics` says at one moment, without `tokio_unstable`.
#[derive(Clone, Debug)]
struct Load {
    at: Instant,
    workers: usize,
    /// Tasks that were spawned and have not ended.
    tasks: usize,
    /// Tasks that can run and that no worker has taken yet; a worker's own queue is not in it.
    queued: usize,
    /// How long all workers were not parked, since the runtime began.
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

    /// In percent of all workers. A worker adds a stretch when it parks, so a blocked one seems
    /// idle until it is free again: only [`Lag`] sees it at once.
    fn busy_since(&self, before: &Self) -> f64 {
        let passed = (self.at - before.at).as_secs_f64() * self.workers as f64;
        100.0 * (self.busy - before.busy).as_secs_f64() / passed
    }
}
// ANCHOR_END: load

// ANCHOR: lag
/// Naps again and again, and remembers by how much it overslept.
#[must_use = "dropping it ends the probe"]
struct Lag {
    worst: Arc<AtomicU64>,
    napping: AbortHandle,
}

impl Lag {
    fn probe(nap: Duration) -> Self {
        let worst = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&worst);
        // From here on, because its first turn may be late already.
        let mut due = Instant::now() + nap;
        let napping = tokio::spawn(async move {
            loop {
                sleep_until(due).await;
                seen.fetch_max(due.elapsed().as_micros() as u64, Ordering::Relaxed);
                due = Instant::now() + nap;
            }
        });
        Self { worst, napping: napping.abort_handle() }
    }

    fn worst(&self) -> Duration {
        Duration::from_micros(self.worst.load(Ordering::Relaxed))
    }
}

impl Drop for Lag {
    fn drop(&mut self) {
        self.napping.abort();
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
    fn a_nap_is_as_late_as_the_block_it_met() {
        virtual_time(async {
            let lag = Lag::probe(10.ms());
            sleep(100.ms()).await;
            assert_eq!(lag.worst(), 0.ms(), "nobody blocked");
            // As a `thread::sleep` would: time goes on, and nobody else runs meanwhile.
            advance(300.ms()).await;
            sleep(10.ms()).await;
            assert!((290.ms()..=300.ms()).contains(&lag.worst()), "{:?}", lag.worst());
        });
    }

    #[test]
    fn a_probe_ends_when_it_is_dropped() {
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
    fn a_spawned_task_is_alive_until_it_has_ended() {
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
    fn a_worker_that_is_held_is_busy_for_as_long() {
        let runtime =
            Builder::new_current_thread().enable_time().build().expect("a runtime");
        let metrics = runtime.metrics();
        let before = Load::of(&metrics);
        runtime.block_on(async {
            thread::sleep(5.ms());
            // The worker parks, and adds up.
            sleep(1.ms()).await;
        });
        let held = Load::of(&metrics);
        assert!(held.busy - before.busy >= 5.ms(), "{held:?} after {before:?}");
    }

    #[test]
    fn two_workers_of_which_one_was_busy_were_half_busy() {
        let at = Instant::now();
        let before = Load { at, workers: 2, tasks: 0, queued: 0, busy: 100.ms() };
        let after = Load { at: at + 50.ms(), busy: 150.ms(), ..before.clone() };
        assert_eq!(after.busy_since(&before), 50.0);
    }
}
