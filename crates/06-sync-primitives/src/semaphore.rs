//! With a semaphore of three permits, at most three jobs run at the same time.
//!
//! asyncio: `async with semaphore`, or `acquire` and `release`. Only a `BoundedSemaphore` checks
//! `release`; with a plain `Semaphore`, an extra `release` raises the limit permanently. Tokio:
//! `acquire` returns a permit, and dropping the permit releases it. So a job that fails, panics or
//! is cancelled releases its permit too.

use std::sync::Arc;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{sync::Semaphore, time::sleep};

/// Ten jobs of 200 ms share three permits, so they take four rounds.
pub(crate) async fn run() -> anyhow::Result<()> {
    let permits = knob("permits", 3, 1..=10);
    let jobs = knob("jobs", 10, 1..=40);
    ask("permits=9", "how many rounds do the ten jobs take?");
    all_jobs(jobs, Arc::new(Semaphore::new(permits))).await
}

// ANCHOR: semaphore
async fn all_jobs(jobs: usize, permits: Arc<Semaphore>) -> anyhow::Result<()> {
    let start = |n| tokio::spawn(job(Arc::clone(&permits)).lane(format!("job-{n}")));
    for job in (0..jobs).map(start).collect::<Vec<_>>() {
        job.await??;
    }
    Ok(())
}

async fn job(permits: Arc<Semaphore>) -> anyhow::Result<()> {
    let _permit = permits.acquire().await?;
    say!("starts");
    sleep(200.ms()).step("holding a permit").await;
    say!("done");
    Ok(())
}
// ANCHOR_END: semaphore

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    /// 0      200    400    600    800
    /// 0 1 2  ██████✓
    /// 3 4 5  ░░░░░░██████✓
    /// 6 7 8  ░░░░░░░░░░░░██████✓
    /// 9      ░░░░░░░░░░░░░░░░░░██████✓
    /// ```
    #[test]
    fn ten_jobs_on_three_permits_take_four_rounds() {
        virtual_time(async {
            let seen = Transcript::of(all_jobs(10, Arc::new(Semaphore::new(3)))).await;
            seen.assert_at(0.ms(), "job-2 starts");
            seen.assert_at(200.ms(), "job-3 starts");
            seen.assert_at(600.ms(), "job-9 starts");
            assert_eq!(seen.elapsed(), 800.ms(), "{seen}");
        });
    }

    #[test]
    fn as_many_jobs_run_as_there_are_permits_and_never_more() {
        for (permits, jobs) in [(1, 1), (1, 10), (3, 2), (3, 10), (10, 10), (10, 40)] {
            let shared = Arc::new(Semaphore::new(permits));
            let seen = virtual_time(Transcript::of(all_jobs(jobs, shared)));
            assert_eq!(seen.peak("holding a permit"), permits.min(jobs), "{seen}");
            // The run is this short only if no permit is free while a job waits.
            let rounds = jobs.div_ceil(permits) as u32;
            assert_eq!(seen.elapsed(), 200.ms() * rounds, "{seen}");
        }
    }

    #[test]
    fn a_cancelled_job_releases_its_permit_and_does_not_raise_the_limit() {
        virtual_time(async {
            let permits = Arc::new(Semaphore::new(3));
            let jobs: Vec<_> =
                (0..5).map(|_| tokio::spawn(job(permits.clone()))).collect();
            sleep(100.ms()).await;
            jobs.iter().for_each(|job| job.abort());
            for job in jobs {
                assert!(job.await.is_err_and(|error| error.is_cancelled()));
            }
            assert_eq!(permits.available_permits(), 3);
        });
    }
}
