//! If the work and its timeout are ready in the same millisecond, the one that is polled first wins.
//!
//! asyncio: the timeout wins, because it cancels the work before the work resumes. Tokio:
//! `timeout` polls the work first, and then its timer, so even a limit of zero returns a value that
//! is ready. If the timeout has to win, use a `biased` `select!` that polls the timer first.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    select,
    time::{sleep, timeout},
};

/// The work takes 100 ms, and its timeout is 100 ms too.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 100.ms(), 10.ms()..=1.secs());
    ask("limit=120ms", "in which of the two lanes is the work done now?");
    let poll_work_first = tokio::spawn(poll_work_first(limit));
    let poll_timer_first = tokio::spawn(poll_timer_first(limit));
    poll_work_first.await?;
    poll_timer_first.await?;
    Ok(())
}

// ANCHOR: tie
async fn poll_work_first(limit: Duration) {
    match timeout(limit, work().lane("work first")).await {
        Ok(()) => say!("work first: the work is done"),
        Err(_) => say!("work first: the timeout expires"),
    }
}

async fn poll_timer_first(limit: Duration) {
    select! {
        biased;
        () = sleep(limit) => say!("timer first: the timeout expires"),
        () = work().lane("timer first") => say!("timer first: the work is done"),
    }
}

/// If this were an `async fn`, its `sleep` would start at the first poll, after the other timer.
fn work() -> impl Future<Output = ()> {
    sleep(100.ms()).step("working")
}
// ANCHOR_END: tie

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn at_a_tie_timeout_returns_the_work_and_a_biased_select_its_first_branch() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.100s] work first: the work is done",
                "[  0.100s] timer first: the timeout expires",
            ]);
        });
    }

    #[test]
    fn without_a_tie_the_order_of_polls_does_not_matter() {
        for (limit, ends, wins) in [
            (10, 10, "the timeout expires"),
            (99, 99, "the timeout expires"),
            (101, 100, "the work is done"),
            (1000, 100, "the work is done"),
        ] {
            let both = async move {
                poll_work_first(limit.ms()).await;
                poll_timer_first(limit.ms()).await;
            };
            let seen = virtual_time(Transcript::of(both));
            seen.assert_at(ends.ms(), &format!("work first: {wins}"));
            seen.assert_at((2 * ends).ms(), &format!("timer first: {wins}"));
        }
    }

    #[test]
    fn a_limit_of_zero_returns_a_value_that_is_ready() {
        virtual_time(async {
            assert_eq!(timeout(0.ms(), async { 7 }).await, Ok(7));
            let seen = Transcript::of(poll_work_first(0.ms())).await;
            seen.assert_lines(["[  0.000s] work first: the timeout expires"]);
        });
    }
}
