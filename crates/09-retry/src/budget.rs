//! In an outage, retries multiply the load; with a retry budget they add a limited share.
//!
//! asyncio and Tokio have no retry budget. Three attempts per call are harmless while calls succeed.
//! If a server is overloaded, they triple its load. The kit's `RetryBudget` is a token bucket: each
//! call adds a share of a token, and each retry takes a token. So rare failures are retried, and in
//! an outage most are not.

use std::time::Duration;

use async_kit::{Backoff, Lane, Millis, Retry, RetryBudget, ask, knob, say};
use tokio::time::{Instant, sleep, sleep_until};

const CALLS: u32 = 10;
const INTERVAL: Duration = Duration::from_millis(25);

/// Ten calls before an outage, ten during it and ten after it. The budget allows 20 % more requests,
/// and a burst of two retries.
pub(crate) async fn run() -> anyhow::Result<()> {
    let attempts = knob("attempts", 3, 1..=4);
    let percent = knob("percent", 20, 0..=100);
    ask("percent=50", "how many requests does the budget allow in the outage?");
    let clients = [
        tokio::spawn(count_requests(no_budget(attempts)).lane("no budget")),
        tokio::spawn(
            count_requests(with_budget(attempts, percent)).lane("with a budget"),
        ),
    ];
    for client in clients {
        client.await?;
    }
    Ok(())
}

// ANCHOR: budget
fn no_budget(attempts: u32) -> Retry<'static, Down> {
    Retry::new(Backoff::none()).attempts(attempts)
}

fn with_budget(attempts: u32, percent: u32) -> Retry<'static, Down> {
    // In real code, make one budget per server, and share it between all calls to that server.
    let budget = RetryBudget::percent(percent).burst(2);
    no_budget(attempts).budget(&budget)
}

/// Returns how many requests the server received in each phase. A phase has ten calls.
async fn count_requests(retry: Retry<'_, Down>) -> [u32; 3] {
    let (start, mut requests) = (Instant::now(), [0; 3]);
    for (phase, name) in ["before", "outage", "after"].into_iter().enumerate() {
        for call in 0..CALLS {
            sleep_until(start + INTERVAL * (CALLS * phase as u32 + call)).await;
            let request = || {
                requests[phase] += 1;
                send(name != "outage")
            };
            // A real caller would handle the error; this lesson only counts the requests.
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

async fn send(up: bool) -> Result<(), Down> {
    sleep(5.ms()).step("requesting").await;
    if up { Ok(()) } else { Err(Down) }
}

#[cfg(test)]
mod tests {
    use async_kit::{RetryError, Transcript, virtual_time};

    use super::*;

    /// ```text
    ///                0           250         500         750
    /// no budget      █░█░█░█░█░█░████████████░█░█░█░█░█░█
    /// with a budget  █░█░█░█░█░█░███░█░█░█░█░░█░█░█░█░█░█
    /// ```
    #[test]
    fn a_budget_reduces_the_requests_of_an_outage_from_thirty_to_thirteen() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.230s] no budget before: 10 requests for 10 calls",
                "[  0.230s] with a budget before: 10 requests for 10 calls",
                "[  0.480s] with a budget outage: 13 requests for 10 calls",
                "[  0.490s] no budget outage: 30 requests for 10 calls",
                "[  0.730s] with a budget after: 10 requests for 10 calls",
                "[  0.730s] no budget after: 10 requests for 10 calls",
            ]);
        });
    }

    #[test]
    fn the_load_in_an_outage_is_bounded_by_the_share_and_the_burst() {
        virtual_time(async {
            for percent in [0, 10, 20, 50] {
                let [_, outage, _] = count_requests(with_budget(4, percent)).await;
                let bound = CALLS + CALLS * percent / 100 + 2;
                assert!(outage <= bound, "{outage} requests at {percent} %");
            }
        });
    }

    #[test]
    fn the_error_of_a_spent_budget_keeps_the_cause_of_the_failed_call() {
        virtual_time(async {
            let retry = with_budget(9, 0);
            for attempts in [3, 1] {
                let error = retry.run(|| send(false)).await.expect_err("it is down");
                assert!(matches!(error, RetryError::BudgetSpent { .. }), "{error:?}");
                assert_eq!(error.attempts(), attempts, "the burst is two retries");
                let text = format!("{:#}", anyhow::Error::from(error));
                assert!(text.ends_with("the server is down"), "{text}");
            }
        });
    }
}
