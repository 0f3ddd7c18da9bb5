//! The longest wait that the clock can express ends at its last instant, where Tokio's timer panics.

use std::time::Duration;

use tokio::time::Instant;

/// Returns the longest duration whose end `Instant` can express, counted from now. The clock has to be
/// paused, or the last instant comes nearer.
pub(crate) fn until_the_last_instant() -> Duration {
    let (now, mut wait, mut step) = (Instant::now(), Duration::ZERO, Duration::MAX);
    while !step.is_zero() {
        match wait.checked_add(step).filter(|wait| now.checked_add(*wait).is_some()) {
            Some(longer) => wait = longer,
            None => step /= 2,
        }
    }
    wait
}
