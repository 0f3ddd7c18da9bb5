//! Every file operation is a blocking call on a thread of one shared, bounded pool.
//!
//! asyncio: `asyncio.to_thread` and `aiofiles` use the loop's default executor, of
//! `min(32, cpus + 4)` threads. Tokio: `spawn_blocking` and all of `tokio::fs` share a pool of
//! at most 512 threads, made when needed; `max_blocking_threads` sets another limit. If no thread
//! is free, calls wait in one FIFO queue, a short read behind a long computation.

#![cfg(not(target_family = "wasm"))]

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    thread::{self, ThreadId},
};

use async_kit::{Lane, Millis, say};
use tokio::{
    runtime::Builder,
    sync::oneshot,
    task::{JoinSet, spawn_blocking},
};

const JOBS: usize = 6;

/// Six jobs and one short file operation share a pool of three threads.
pub(crate) async fn run() -> anyhow::Result<()> {
    let used = on_threads(3, || thread::sleep(60.ms())).await?;
    say!("{JOBS} jobs ran on {used} threads");
    Ok(())
}

// ANCHOR: pool
/// Returns the number of threads that the jobs ran on.
async fn on_threads(threads: usize, job: fn()) -> anyhow::Result<usize> {
    let run = move || {
        let runtime =
            Builder::new_current_thread().max_blocking_threads(threads).build()?;
        runtime.block_on(all_jobs(job))
    };
    spawn_blocking(run).await?
}

async fn all_jobs(job: fn()) -> anyhow::Result<usize> {
    let used = Arc::new(Mutex::new(HashSet::new()));
    let mut jobs = JoinSet::new();
    for n in 0..JOBS {
        jobs.spawn(one_job(job, Arc::clone(&used)).try_lane(format!("job {n}")));
    }
    // It takes microseconds, but it waits behind the jobs that were queued before it.
    jobs.spawn(read_metadata().try_lane("metadata"));
    while let Some(ended) = jobs.join_next().await {
        ended??;
    }
    let used = used.lock().expect("no job panics while it holds the lock").len();
    Ok(used)
}

async fn one_job(job: fn(), used: Arc<Mutex<HashSet<ThreadId>>>) -> anyhow::Result<()> {
    let (started, has_started) = oneshot::channel();
    let on_a_thread = spawn_blocking(move || {
        // Only the timeline needs this message.
        let _ = started.send(());
        used.lock().expect("no job panics here").insert(thread::current().id());
        job();
    });
    has_started.await?;
    on_a_thread.step("on a thread").await?;
    Ok(())
}

async fn read_metadata() -> anyhow::Result<()> {
    tokio::fs::metadata(".").await?;
    Ok(())
}
// ANCHOR_END: pool

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use super::*;

    static NOW: AtomicUsize = AtomicUsize::new(0);
    static PEAK: AtomicUsize = AtomicUsize::new(0);

    #[tokio::test]
    async fn no_more_jobs_run_at_the_same_time_than_the_pool_has_threads() {
        let used = on_threads(2, || {
            PEAK.fetch_max(NOW.fetch_add(1, SeqCst) + 1, SeqCst);
            (0..100).for_each(|_| thread::yield_now());
            NOW.fetch_sub(1, SeqCst);
        });
        let used = used.await.expect("the jobs succeed");
        let peak = PEAK.load(SeqCst);
        assert!((1..=2).contains(&peak), "{peak} jobs at the same time");
        assert!((1..=2).contains(&used), "{used} threads");
    }

    #[tokio::test]
    async fn a_pool_of_one_thread_runs_every_job() {
        static RAN: AtomicUsize = AtomicUsize::new(0);
        let used = on_threads(1, || _ = RAN.fetch_add(1, SeqCst)).await;
        assert_eq!(used.expect("the jobs succeed"), 1);
        assert_eq!(RAN.load(SeqCst), JOBS);
    }
}
