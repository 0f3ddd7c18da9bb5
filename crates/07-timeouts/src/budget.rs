//! A timeout inside the loop limits each step; only a shared deadline limits the whole job.
//!
//! asyncio: `asyncio.timeout` inside or around the `for`. Tokio: `timeout(limit, step)` starts
//! a new timer at each call. `timeout_at(deadline, step)` has the same deadline for all steps.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::time::{Instant, error::Elapsed, sleep, timeout, timeout_at};

/// Three steps of 60 ms: all end if each may take 150 ms; if they share 150 ms, two of them end.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 150.ms(), 61.ms()..=500.ms());
    ask("limit=90ms", "how many steps does each lane finish?");
    let per_step = tokio::spawn(limit_per_step(limit).try_lane("per step"));
    let in_total = tokio::spawn(limit_in_total(limit).try_lane("in total"));
    // Ignore the errors: the timeline shows them, and the section continues.
    let _ = (per_step.await?, in_total.await?);
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

async fn limit_in_total(limit: Duration) -> Result<(), Elapsed> {
    let deadline = Instant::now() + limit;
    for n in 1..=STEPS {
        timeout_at(deadline, step()).await?;
        say!("step {n} done");
    }
    Ok(())
}

async fn step() {
    sleep(60.ms()).step("working").await;
}
// ANCHOR_END: budget

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    /// 0          60     120 150 180
    /// per step   ██████ ██████ ██████✓
    /// in total   ██████ ██████ ██✗
    /// ```
    #[test]
    fn only_a_shared_deadline_bounds_the_whole_job() {
        virtual_time(async {
            let seen = Transcript::of(run()).await;
            seen.assert_lines([
                "[  0.060s] per step step 1 done",
                "[  0.060s] in total step 1 done",
                "[  0.120s] per step step 2 done",
                "[  0.120s] in total step 2 done",
                "[  0.180s] per step step 3 done",
            ]);
        });
    }

    #[test]
    fn the_deadline_ends_the_job_after_one_limit_and_not_after_three() {
        virtual_time(async {
            for (limit, took) in [(50, 50), (70, 70), (150, 150), (200, 180)] {
                let started = Instant::now();
                let in_time = limit_in_total(limit.ms()).await.is_ok();
                assert_eq!(started.elapsed(), took.ms(), "with a limit of {limit} ms");
                assert_eq!(in_time, limit == 200, "with a limit of {limit} ms");
            }
        });
    }
}
