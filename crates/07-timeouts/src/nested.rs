//! Of two limits around one piece of work, the result says which one fired.
//!
//! asyncio: nested `asyncio.timeout`s raise one `TimeoutError` each, told apart by where it is
//! caught; forget the inner `except`, and a late step ends the job. Tokio: a `timeout` in a
//! `timeout_at` is a `Result` in a `Result`, and to forget a layer is a type error. The kit has the
//! same two layers: a limit of the step's own, `.within`, and a [`Deadline`] that all steps
//! share, `.by`. They read in the order in which they apply, and their errors say how long the
//! limit was, where an `Elapsed` says nothing.

use std::time::Duration;

use async_kit::{Deadline, Lane, Millis, TimeLimit, knob, say};
use tokio::time::{Instant, sleep, timeout, timeout_at};

/// Twice the same: a late step is skipped after 100 ms; the whole job is over after 250 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let step = knob("step", 100.ms(), 10.ms()..=1.secs());
    let job = knob("job", 250.ms(), 10.ms()..=1.secs());
    cook_plainly(step, Instant::now() + job).await;
    cook(step, Deadline::after(job)).await;
    Ok(())
}

const STEPS: [(&str, u64); 4] = [("wash", 60), ("peel", 400), ("cut", 40), ("fry", 80)];

// ANCHOR: plain
async fn cook_plainly(limit: Duration, deadline: Instant) {
    for (step, takes) in STEPS {
        let work = timeout(limit, work(takes).lane(step));
        match timeout_at(deadline, work).await {
            Ok(Ok(())) => say!("{step}: done"),
            Ok(Err(_late)) => say!("{step}: skipped"),
            Err(_over) => return say!("{step}: the job is over"),
        }
    }
}
// ANCHOR_END: plain

// ANCHOR: nested
async fn cook(limit: Duration, deadline: Deadline) {
    for (step, takes) in STEPS {
        match work(takes).lane(step).within(limit).by(deadline).await {
            Ok(Ok(())) => say!("{step}: done"),
            Ok(Err(late)) => say!("{step}: skipped: {late}"),
            Err(over) => return say!("{step}: the job is over: {over}"),
        }
    }
}

async fn work(takes: u64) {
    sleep(takes.ms()).step("working").await;
}
// ANCHOR_END: nested

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    /// 0      60        160   200  250
    /// wash ███✓
    /// peel    █████████⊘              the limit of a step
    /// cut               ████✓
    /// fry                    █████⊘   the deadline of the job
    /// ```
    #[test]
    fn the_result_says_which_limit_fired() {
        virtual_time(async {
            let seen = Transcript::of(cook(100.ms(), Deadline::after(250.ms()))).await;
            seen.assert_lines([
                "[  0.060s] wash: done",
                "[  0.160s] peel: skipped: not ready within 100ms",
                "[  0.200s] cut: done",
                "[  0.250s] fry: the job is over: the deadline of 250ms passed",
            ]);
        });
    }

    #[test]
    fn the_plain_way_tells_the_same_two_limits_apart() {
        virtual_time(async {
            let deadline = Instant::now() + 250.ms();
            let seen = Transcript::of(cook_plainly(100.ms(), deadline)).await;
            seen.assert_lines([
                "[  0.060s] wash: done",
                "[  0.160s] peel: skipped",
                "[  0.200s] cut: done",
                "[  0.250s] fry: the job is over",
            ]);
        });
    }

    #[test]
    fn a_deadline_passes_through_the_limit_of_a_step() {
        virtual_time(async {
            let seen = Transcript::of(cook(1.secs(), Deadline::after(250.ms()))).await;
            seen.assert_lines([
                "[  0.060s] wash: done",
                "[  0.250s] peel: the job is over: the deadline of 250ms passed",
            ]);
        });
    }
}
