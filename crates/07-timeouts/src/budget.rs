//! A limit inside the loop allows each step its time; only a shared deadline bounds the job.
//!
//! asyncio: `asyncio.timeout` inside or around the `for`. Tokio: `timeout(limit, step)` starts
//! a new clock at every call, `timeout_at(deadline, step)` draws on one.

use std::time::Duration;

use async_kit::{Lane, Millis, knob, say};
use tokio::time::{Instant, error::Elapsed, sleep, timeout, timeout_at};

/// Three steps of 60 ms: within 150 ms each, all end; within 150 ms in all, the third does not.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 150.ms(), 61.ms()..=500.ms());
    let each = tokio::spawn(limit_per_step(limit).try_lane("per step"));
    let all = tokio::spawn(limit_in_all(limit).try_lane("in all"));
    // Whether the limit passed is seen on the timeline, and fails no section.
    let _ = (each.await?, all.await?);
    Ok(())
}

const STEPS: usize = 3;

// ANCHOR: budget
async fn limit_per_step(limit: Duration) -> Result<(), Elapsed> {
    for n in 1..=STEPS {
        timeout(limit, step()).await?;
        say!("step {n} done");
    }
    Ok(())
}

async fn limit_in_all(limit: Duration) -> Result<(), Elapsed> {
    let deadline = Instant::now() + limit;
    for n in 1..=STEPS {
        timeout_at(deadline, step()).await?;
        say!("step {n} done");
    }
    Ok(())
}

async fn step() {
    sleep(60.ms()).step("in a step").await;
}
// ANCHOR_END: budget

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    /// 0          60     120 150 180
    /// per step   ██████ ██████ ██████✓
    /// in all     ██████ ██████ ██✗
    /// ```
    #[test]
    fn only_a_shared_deadline_bounds_the_whole_job() {
        virtual_time(async {
            let seen = Transcript::of(run()).await;
            seen.assert_lines([
                "[  0.060s] per step step 1 done",
                "[  0.060s] in all step 1 done",
                "[  0.120s] per step step 2 done",
                "[  0.120s] in all step 2 done",
                "[  0.180s] per step step 3 done",
            ]);
        });
    }

    #[test]
    fn a_job_ends_by_its_deadline_and_not_by_three_times_its_limit() {
        virtual_time(async {
            for (limit, took) in [(50, 50), (70, 70), (150, 150), (200, 180)] {
                let started = Instant::now();
                let in_time = limit_in_all(limit.ms()).await.is_ok();
                assert_eq!(started.elapsed(), took.ms(), "with a limit of {limit} ms");
                assert_eq!(in_time, limit == 200, "with a limit of {limit} ms");
            }
        });
    }
}
