//! A limit inside the loop allows each step its time; only a shared deadline bounds the job.
//!
//! asyncio: `asyncio.timeout` inside or around the `for`. Tokio: `timeout(limit, step)` starts
//! a new clock at every call, `timeout_at(deadline, step)` draws on one.

use std::time::Duration;

use async_kit::{Lane, Millis, knob, say};
use tokio::time::{Instant, sleep, timeout, timeout_at};

/// Three steps of 60 ms: within 150 ms each, all end; within 150 ms in all, the third does not.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 150.ms(), 10.ms()..=500.ms());
    let each = tokio::spawn(limit_per_step(limit).lane("per step"));
    let all = tokio::spawn(limit_in_all(limit).lane("in all"));
    each.await?;
    all.await?;
    Ok(())
}

const STEPS: usize = 3;

// ANCHOR: budget
async fn limit_per_step(limit: Duration) -> usize {
    let mut done = 0;
    while done < STEPS && timeout(limit, step()).await.is_ok() {
        done += 1;
    }
    say!("{done} of {STEPS} steps");
    done
}

async fn limit_in_all(limit: Duration) -> usize {
    let deadline = Instant::now() + limit;
    let mut done = 0;
    while done < STEPS && timeout_at(deadline, step()).await.is_ok() {
        done += 1;
    }
    say!("{done} of {STEPS} steps");
    done
}

async fn step() {
    sleep(60.ms()).step("a step").await;
}
// ANCHOR_END: budget

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    /// 0          60     120 150 180
    /// per step   ██████ ██████ ██████✓
    /// in all     ██████ ██████ ██⊘
    /// ```
    #[test]
    fn only_a_shared_deadline_bounds_the_whole_job() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.150s] in all 2 of 3 steps",
                "[  0.180s] per step 3 of 3 steps",
            ]);
        });
    }

    #[test]
    fn a_limit_per_step_allows_three_times_as_much_in_all() {
        virtual_time(async {
            for (limit, each, all) in [(50, 0, 0), (61, 3, 1), (121, 3, 2), (181, 3, 3)] {
                assert_eq!(limit_per_step(limit.ms()).await, each, "{limit} ms each");
                assert_eq!(limit_in_all(limit.ms()).await, all, "{limit} ms in all");
            }
        });
    }
}
