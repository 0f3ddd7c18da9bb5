//! A timer expires even if the future that it limits has used up the cooperative budget of its task,
//! and no wait is too long for it.

use std::{
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    task::coop::{has_budget_remaining, unconstrained},
    time::{Instant, Sleep},
};

/// Returns the end of a wait that starts at `start`, or `None` if the clock cannot reach it.
///
/// Tokio's timer rounds up to whole milliseconds, so it panics in the last millisecond of the clock.
pub(super) fn end_of(start: Instant, wait: Duration) -> Option<Instant> {
    start.checked_add(wait).filter(|end| end.checked_add(RESOLUTION).is_some())
}

/// The resolution of Tokio's timer.
const RESOLUTION: Duration = Duration::from_millis(1);

/// Polls the timer of a future that was polled just before.
///
/// `had_budget` is whether the task had cooperative budget left before the future was polled. Tokio
/// lets no timer expire in a task without budget, so a future that always uses up its budget would
/// never time out. In that case the timer is polled outside the budget.
pub(super) fn poll_timer(
    timer: Pin<&mut Sleep>,
    had_budget: bool,
    cx: &mut Context<'_>,
) -> Poll<()> {
    match had_budget && !has_budget_remaining() {
        true => pin!(unconstrained(timer)).poll(cx),
        false => timer.poll(cx),
    }
}
