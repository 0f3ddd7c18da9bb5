//! If the work is ready in the same millisecond as its timeout, the work wins.
//!
//! asyncio: the timeout wins, because it cancels the work before the work resumes. Tokio:
//! `timeout` polls the work first and its own timer second, so that even a limit of zero returns a
//! value that is ready. Where the timeout has to win, a `biased` `select!` polls it first.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    select,
    time::{sleep, timeout},
};

/// The work takes 100 ms, and its timeout is 100 ms too.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 100.ms(), 10.ms()..=1.secs());
    ask("limit=90ms", "does the work win in one of the two ways?");
    let work_first = tokio::spawn(work_first(limit));
    let limit_first = tokio::spawn(limit_first(limit));
    work_first.await?;
    limit_first.await?;
    Ok(())
}

// ANCHOR: tie
async fn work_first(limit: Duration) {
    match timeout(limit, work().lane("work first")).await {
        Ok(()) => say!("work first: the work is done"),
        Err(_) => say!("work first: the timeout expires"),
    }
}

async fn limit_first(limit: Duration) {
    select! {
        biased;
        () = sleep(limit) => say!("limit first: the timeout expires"),
        () = work().lane("limit first") => say!("limit first: the work is done"),
    }
}

/// Not an `async fn`: its `sleep` would start at the first poll, after the timer of the limit.
fn work() -> impl Future<Output = ()> {
    sleep(100.ms()).step("working")
}
// ANCHOR_END: tie

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn at_a_tie_the_work_wins_in_timeout_and_the_first_branch_in_a_biased_select() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.100s] work first: the work is done",
                "[  0.100s] limit first: the timeout expires",
            ]);
        });
    }

    #[test]
    fn without_a_tie_the_earlier_one_wins_in_either_order_of_polls() {
        for (limit, ends, wins) in [
            (10, 10, "the timeout expires"),
            (99, 99, "the timeout expires"),
            (101, 100, "the work is done"),
            (1000, 100, "the work is done"),
        ] {
            let both = async move {
                work_first(limit.ms()).await;
                limit_first(limit.ms()).await;
            };
            let seen = virtual_time(Transcript::of(both));
            seen.assert_at(ends.ms(), &format!("work first: {wins}"));
            seen.assert_at((2 * ends).ms(), &format!("limit first: {wins}"));
        }
    }

    #[test]
    fn a_limit_of_zero_returns_a_value_that_is_ready() {
        virtual_time(async {
            assert_eq!(timeout(0.ms(), async { 7 }).await, Ok(7));
            let seen = Transcript::of(work_first(0.ms())).await;
            seen.assert_lines(["[  0.000s] work first: the timeout expires"]);
        });
    }
}
