//! A timer expires even if the future that it limits has used up the cooperative budget of its task.

use std::{
    pin::{Pin, pin},
    task::{Context, Poll},
};

use tokio::{
    task::coop::{has_budget_remaining, unconstrained},
    time::Sleep,
};

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
