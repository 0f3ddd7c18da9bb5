//! Every file operation is a blocking call on a thread of one shared pool, which has a bound.
//!
//! asyncio: `asyncio.to_thread` and `aiofiles` use the loop's default executor, of
//! `min(32, cpus + 4)` threads. Tokio: `spawn_blocking` and all of `tokio::fs` share a pool of
//! at most 512 threads, made when needed; `max_blocking_threads` sets another bound. What finds
//! no thread waits in one queue, a short read behind a long computation.

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

/// Six jobs and a look at a file share a pool of three threads.
pub(crate) async fn run() -> anyhow::Result<()> {
    let used = on_threads(3, || thread::sleep(60.ms())).await?;
    say!("{JOBS} jobs ran on {used} threads");
    Ok(())
}

// ANCHOR: pool
/// Returns how many threads the jobs ran on.
async fn on_threads(threads: usize, job: fn()) -> anyhow::Result<usize> {
    let life = move || {
        let runtime =
            Builder::new_current_thread().max_blocking_threads(threads).build()?;
        runtime.block_on(all_jobs(job))
    };
    spawn_blocking(life).await?
}

async fn all_jobs(job: fn()) -> anyhow::Result<usize> {
    let used = Arc::new(Mutex::new(HashSet::new()));
    let mut jobs = JoinSet::new();
    for n in 0..JOBS {
        jobs.spawn(one_job(job, Arc::clone(&used)).try_lane(format!("job {n}")));
    }
    // It asks for next to nothing, and waits like all others.
    jobs.spawn(look().try_lane("look at a file"));
    while let Some(ended) = jobs.join_next().await {
        ended??;
    }
    let used = used.lock().expect("no job panics while it holds the lock").len();
    Ok(used)
}

async fn one_job(job: fn(), used: Arc<Mutex<HashSet<ThreadId>>>) -> anyhow::Result<()> {
    let (begins, begun) = oneshot::channel();
    let on_a_thread = spawn_blocking(move || {
        // The section draws this; a program has no need of it.
        let _ = begins.send(());
        used.lock().expect("no job panics here").insert(thread::current().id());
        job();
    });
    begun.await?;
    on_a_thread.step("on a thread").await?;
    Ok(())
}

async fn look() -> anyhow::Result<()> {
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
    async fn never_more_jobs_run_at_once_than_the_pool_has_threads() {
        let used = on_threads(2, || {
            PEAK.fetch_max(NOW.fetch_add(1, SeqCst) + 1, SeqCst);
            (0..100).for_each(|_| thread::yield_now());
            NOW.fetch_sub(1, SeqCst);
        });
        let used = used.await.expect("the jobs succeed");
        let peak = PEAK.load(SeqCst);
        assert!((1..=2).contains(&peak), "{peak} jobs at once");
        assert!((1..=2).contains(&used), "{used} threads");
    }

    #[tokio::test]
    async fn every_job_runs_also_on_a_single_thread() {
        static RAN: AtomicUsize = AtomicUsize::new(0);
        let used = on_threads(1, || _ = RAN.fetch_add(1, SeqCst)).await;
        assert_eq!(used.expect("the jobs succeed"), 1);
        assert_eq!(RAN.load(SeqCst), JOBS);
    }
}
