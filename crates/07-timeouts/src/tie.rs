//! When the work is ready in the very millisecond of its limit, the work wins.
//!
//! asyncio: the limit wins, because it cancels the work before the work is resumed. Tokio:
//! `timeout` polls the work first and its own timer second, so that a limit of zero still allows
//! whatever need not wait. Where the limit has to win, a `biased` `select!` asks it first.

use std::time::Duration;

use async_kit::{Lane, Millis, knob, say};
use tokio::{
    select,
    time::{sleep, timeout},
};

/// The work takes 100 ms, and so does its limit.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 100.ms(), 10.ms()..=1.secs());
    let work_first = tokio::spawn(work_first(limit));
    let limit_first = tokio::spawn(limit_first(limit));
    work_first.await?;
    limit_first.await?;
    Ok(())
}

// ANCHOR: tie
async fn work_first(limit: Duration) {
    match timeout(limit, work().lane("work first")).await {
        Ok(()) => say!("work first: it is done"),
        Err(_) => say!("work first: the limit has passed"),
    }
}

async fn limit_first(limit: Duration) {
    select! {
        biased;
        () = sleep(limit) => say!("limit first: the limit has passed"),
        () = work().lane("limit first") => say!("limit first: it is done"),
    }
}

/// No `async fn`, whose clock would start at its first poll, after that of the limit.
fn work() -> impl Future<Output = ()> {
    sleep(100.ms()).step("working")
}
// ANCHOR_END: tie

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn at_a_tie_a_timeout_lets_the_work_win_and_a_biased_select_its_first_branch() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.100s] work first: it is done",
                "[  0.100s] limit first: the limit has passed",
            ]);
        });
    }

    #[test]
    fn where_nothing_ties_the_earlier_one_wins_whoever_is_asked_first() {
        for (limit, ends, wins) in [
            (10, 10, "the limit has passed"),
            (99, 99, "the limit has passed"),
            (101, 100, "it is done"),
            (1000, 100, "it is done"),
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
    fn a_limit_of_zero_allows_what_need_not_wait() {
        virtual_time(async {
            assert_eq!(timeout(0.ms(), async { 7 }).await, Ok(7));
            let seen = Transcript::of(work_first(0.ms())).await;
            seen.assert_lines(["[  0.000s] work first: the limit has passed"]);
        });
    }
}
