//! A retry budget lets an outage add a share to the load, where attempts alone multiply it.
//!
//! asyncio and Tokio have none. Three attempts for each call are harmless while calls succeed,
//! and triple the load in the moment when the server can bear it least. The kit's `RetryBudget`
//! is a bucket that calls fill and retries empty: what is rare is retried, an outage is not.

use std::time::Duration;

use async_kit::{Backoff, Lane, Millis, Retry, RetryBudget, knob, say};
use tokio::time::{Instant, sleep, sleep_until};

const CALLS: u32 = 10;
const EVERY: Duration = Duration::from_millis(25);

/// Ten calls before an outage, ten in it and ten after; a budget of 20 % and two in hand.
pub(crate) async fn run() -> anyhow::Result<()> {
    let attempts = knob("attempts", 3, 1..=4);
    let percent = knob("percent", 20, 0..=100);
    let clients = [
        tokio::spawn(load(without(attempts)).lane("without")),
        tokio::spawn(load(with(attempts, percent)).lane("with a budget")),
    ];
    for client in clients {
        client.await?;
    }
    Ok(())
}

// ANCHOR: budget
fn without(attempts: u32) -> Retry<'static, Down> {
    Retry::new(Backoff::none()).attempts(attempts)
}

fn with(attempts: u32, percent: u32) -> Retry<'static, Down> {
    // In real code one budget for each server, shared by all who call it.
    let budget = RetryBudget::percent(percent).burst(2);
    without(attempts).budget(&budget)
}

/// How many requests the server got in each phase, for ten calls each.
async fn load(retry: Retry<'_, Down>) -> [u32; 3] {
    let (start, mut requests) = (Instant::now(), [0; 3]);
    for (phase, name) in ["before", "outage", "after"].into_iter().enumerate() {
        for call in 0..CALLS {
            sleep_until(start + EVERY * (CALLS * phase as u32 + call)).await;
            let request = || {
                requests[phase] += 1;
                ask(name != "outage")
            };
            // What a failed call means is up to its caller; here only the load counts.
            let _ = retry.run(request).await;
        }
        say!("{name}: {} requests for {CALLS} calls", requests[phase]);
    }
    requests
}
// ANCHOR_END: budget

#[derive(Debug, thiserror::Error)]
#[error("the server is down")]
struct Down;

async fn ask(up: bool) -> Result<(), Down> {
    sleep(5.ms()).step("asking").await;
    if up { Ok(()) } else { Err(Down) }
}

#[cfg(test)]
mod tests {
    use async_kit::{RetryError, Transcript, virtual_time};

    use super::*;

    /// ```text
    ///                0           250         500         750
    /// without        █░█░█░█░█░█░████████████░█░█░█░█░█░█
    /// with a budget  █░█░█░█░█░█░███░█░█░█░█░░█░█░█░█░█░█
    /// ```
    #[test]
    fn an_outage_triples_the_load_without_a_budget_and_adds_three_retries_with_one() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.230s] without before: 10 requests for 10 calls",
                "[  0.230s] with a budget before: 10 requests for 10 calls",
                "[  0.480s] with a budget outage: 13 requests for 10 calls",
                "[  0.490s] without outage: 30 requests for 10 calls",
                "[  0.730s] with a budget after: 10 requests for 10 calls",
                "[  0.730s] without after: 10 requests for 10 calls",
            ]);
        });
    }

    #[test]
    fn the_load_of_an_outage_is_bounded_by_the_share_and_what_was_saved() {
        virtual_time(async {
            for percent in [0, 10, 20, 50] {
                let [_, outage, _] = load(with(4, percent)).await;
                let bound = CALLS + CALLS * percent / 100 + 2;
                assert!(outage <= bound, "{outage} requests at {percent} %");
            }
        });
    }

    #[test]
    fn a_spent_budget_still_says_why_the_call_failed() {
        virtual_time(async {
            let retry = with(9, 0);
            for attempts in [3, 1] {
                let error = retry.run(|| ask(false)).await.expect_err("it is down");
                assert!(matches!(error, RetryError::BudgetSpent { .. }), "{error:?}");
                assert_eq!(error.attempts(), attempts, "two retries were in hand");
                let told = format!("{:#}", anyhow::Error::from(error));
                assert!(told.ends_with("the server is down"), "{told}");
            }
        });
    }
}
