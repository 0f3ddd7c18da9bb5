//! The result shows which of two nested timeouts expired.
//!
//! asyncio: nested `asyncio.timeout`s raise one `TimeoutError` each, and only the `except` that
//! catches it shows which one expired; without the inner `except`, a late step ends the job. Tokio:
//! a `timeout` in a `timeout_at` returns a `Result` in a `Result`, and the compiler rejects a
//! program that ignores one of them. The kit has the same two layers: `.within` limits one step, and
//! `.by` takes a [`Deadline`] that all steps share. In `.within(limit).by(deadline)` the inner limit
//! is written first, and the outer one second. Their errors contain the limit; an `Elapsed` does
//! not.

use std::time::Duration;

use async_kit::{Deadline, Lane, Millis, TimeLimit, ask, knob, say};
use tokio::time::{Instant, sleep, timeout, timeout_at};

/// Both functions do the same: a late step is skipped after 100 ms, the job ends after 250 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let step = knob("step", 100.ms(), 10.ms()..=1.secs());
    let job = knob("job", 250.ms(), 10.ms()..=1.secs());
    ask("step=500ms", "which of the two timeouts ends peel?");
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
    fn the_result_shows_which_timeout_expired() {
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
    fn plain_tokio_distinguishes_the_same_two_timeouts() {
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
    fn the_deadline_ends_a_step_that_is_within_its_own_limit() {
        virtual_time(async {
            let seen = Transcript::of(cook(1.secs(), Deadline::after(250.ms()))).await;
            seen.assert_lines([
                "[  0.060s] wash: done",
                "[  0.250s] peel: the job is over: the deadline of 250ms passed",
            ]);
        });
    }
}
