//! A semaphore, a list and a guard make a pool: dropping the guard returns the connection.
//!
//! asyncio: an `asyncio.Queue` of connections, and a `finally` that puts a connection back. Tokio: each
//! permit of the semaphore represents one free connection, and a guard owns a permit and a connection.
//! So a job returns its own connection exactly once, even if the job fails or is cancelled.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context, ensure};
use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::sleep,
};

/// Six jobs share two connections; job 1 fails, and job 2 is cancelled.
pub(crate) async fn run() -> anyhow::Result<()> {
    let size = knob("size", 2, 1..=5_usize);
    let jobs = knob("jobs", 6, 3..=12_usize);
    ask("size=1", "does job 2 ever get a connection?");
    share(size, jobs).await
}

async fn share(size: usize, jobs: usize) -> anyhow::Result<()> {
    let pool = Arc::new(Pool::of(size));
    let start = |n| tokio::spawn(job(n, Arc::clone(&pool)).try_lane(format!("job-{n}")));
    let jobs: Vec<_> = (0..jobs).map(start).collect();
    sleep(45.ms()).await;
    jobs[2].abort();
    pool.close().await?;
    say!("the pool is closed, connections in it: {}", pool.free().len());
    for job in jobs {
        if let Ok(Err(error)) = job.await {
            say!("{error}");
        }
    }
    Ok(())
}

// ANCHOR: by_hand
async fn job(n: usize, pool: Arc<Pool>) -> anyhow::Result<()> {
    let connection = pool.acquire().await?;
    say!("uses connection {}", connection.id());
    sleep(30.ms()).step("using a connection").await;
    ensure!(n != 1, "job 1 fails");
    Ok(())
}

struct Pool {
    size: u32,
    /// One permit for each connection in `free`: the owner of a permit always finds a connection
    /// there.
    permits: Semaphore,
    free: Mutex<VecDeque<Connection>>,
}

impl Pool {
    async fn acquire(&self) -> anyhow::Result<Pooled<'_>> {
        let permit = self.permits.acquire().await.context("the pool is closed")?;
        let connection = self.free().pop_front();
        Ok(Pooled { pool: self, connection, _permit: permit })
    }

    /// Waits until all connections are free, in the same wait queue as the jobs.
    async fn close(&self) -> anyhow::Result<()> {
        let _all = self.permits.acquire_many(self.size).await?;
        self.permits.close();
        Ok(())
    }
}

#[must_use = "dropping it returns the connection to the pool"]
struct Pooled<'a> {
    pool: &'a Pool,
    connection: Option<Connection>,
    // Fields are dropped after `drop` has run, so the connection is back in `free` before the
    // permit lets the next job take it.
    _permit: SemaphorePermit<'a>,
}

impl Drop for Pooled<'_> {
    fn drop(&mut self) {
        self.pool.free().extend(self.connection.take());
    }
}
// ANCHOR_END: by_hand

struct Connection(usize);

impl Pool {
    fn of(size: usize) -> Self {
        Self {
            size: size as u32,
            permits: Semaphore::new(size),
            free: Mutex::new((0..size).map(Connection).collect()),
        }
    }

    fn free(&self) -> MutexGuard<'_, VecDeque<Connection>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pooled<'_> {
    fn id(&self) -> usize {
        self.connection.as_ref().expect("only `drop` takes it").0
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, cancel_at_every_await, virtual_time};

    use super::*;

    /// ```text
    ///        0      30 45   60  75   90
    /// job-0  0██████✓
    /// job-1  1██████✗
    /// job-2  ░░░░░░░0██⊘
    /// job-3  ░░░░░░░1███████✓
    /// job-4  ░░░░░░░░░░0████████✓
    /// job-5  ░░░░░░░░░░░░░░░1███████✓
    /// ```
    #[test]
    fn a_job_that_finds_no_connection_waits_for_one() {
        let seen = virtual_time(Transcript::of(share(2, 6)));
        seen.assert_at(30.ms(), "job-3 uses connection 1");
        seen.assert_at(60.ms(), "job-5 uses connection 1");
    }

    #[test]
    fn a_cancelled_job_returns_its_connection_immediately() {
        let seen = virtual_time(Transcript::of(share(2, 6)));
        seen.assert_at(45.ms(), "job-4 uses connection 0");
    }

    #[test]
    fn jobs_that_fail_or_are_cancelled_leak_no_connection() {
        for (size, jobs) in [(1, 3), (1, 6), (2, 6), (3, 12), (5, 12)] {
            let seen = virtual_time(Transcript::of(share(size, jobs)));
            let all = format!("the pool is closed, connections in it: {size}");
            assert!(seen.lines().iter().any(|line| line.text == all), "{seen}");
        }
    }

    #[test]
    fn a_job_cancelled_at_any_await_leaks_no_connection() {
        let cuts = cancel_at_every_await(
            async || {
                let pool = Arc::new(Pool::of(1));
                tokio::spawn(job(0, Arc::clone(&pool)));
                sleep(1.ms()).await;
                pool
            },
            async |pool| job(2, Arc::clone(pool)).await,
            async |pool, cut| assert_eq!(pool.free().len(), 1, "{cut}"),
        );
        assert_eq!(cuts, 5);
    }

    #[test]
    fn the_connection_returned_first_is_reused_first() {
        virtual_time(async {
            let pool = Pool::of(3);
            drop((pool.acquire().await.unwrap(), pool.acquire().await.unwrap()));
            assert_eq!(pool.acquire().await.unwrap().id(), 2);
            assert_eq!(pool.acquire().await.unwrap().id(), 0);
        });
    }

    #[test]
    fn closing_waits_for_a_connection_in_use() {
        let seen = virtual_time(Transcript::of(async {
            let pool = Arc::new(Pool::of(3));
            let job = tokio::spawn(job(0, Arc::clone(&pool)));
            sleep(10.ms()).await;
            pool.close().await?;
            say!("closed");
            job.await?
        }));
        seen.assert_at(30.ms(), "closed");
    }

    #[test]
    fn a_closed_pool_refuses_an_acquire() {
        virtual_time(async {
            let pool = Pool::of(1);
            pool.close().await.unwrap();
            let id = pool.acquire().await.map(|connection| connection.id());
            let error = id.unwrap_err();
            assert_eq!(error.to_string(), "the pool is closed");
        });
    }
}
