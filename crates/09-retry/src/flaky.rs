//! With one client, all attempts of a request share one connection.
//!
//! asyncio: with aiohttp, make one `ClientSession` for all attempts, outside the loop. Tokio: make one
//! `reqwest::Client`, which is cheap to clone and keeps its connections open. A session or a client
//! per attempt opens a new connection each time, which adds load to a server in trouble.

#![cfg(not(target_family = "wasm"))]

use async_kit::{Lane, RetryError, ask, knob, lab::Lab, stage::chapter::url};

use crate::{
    http_policy::{FetchError, Timing, attempt, client, fetch, policy},
    report::{report_counts, report_outcome},
};

pub(crate) fn knobs() -> u32 {
    let fail = knob("fail", 2, 0..=5);
    ask("fail=1", "how many connections does one client open, and a client per attempt?");
    fail
}

/// A page that fails twice is fetched with one client, and then with a client per attempt.
pub(crate) async fn run(fail: u32) -> anyhow::Result<()> {
    let base = Lab::or_url(url()).await?;
    // A server that outlives this run counts failures per key, so every page needs a new key.
    let page = || base.url(&format!("/flaky/{:x}?fail={fail}", fastrand::u64(..)));
    let outcome = with_one_client(&page()).try_lane("one client").await;
    report_outcome("one client", outcome);
    report_counts(&base);
    let outcome = with_a_client_per_attempt(&page()).try_lane("client per attempt").await;
    report_outcome("client per attempt", outcome);
    report_counts(&base);
    Ok(())
}

// ANCHOR: flaky
async fn with_one_client(page: &str) -> Result<String, RetryError<FetchError>> {
    fetch(&client(), page, Timing::default()).await
}

/// The same policy, but each attempt opens a new connection.
async fn with_a_client_per_attempt(page: &str) -> Result<String, RetryError<FetchError>> {
    let send = || attempt(client().get(page)).step("requesting");
    policy(Timing::default()).run(send).await
}
// ANCHOR_END: flaky

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn three_requests_share_one_connection_and_the_third_succeeds() {
        let lab = Lab::start().await.expect("a free port");
        let page = lab.url("/flaky/page?fail=2");
        let text = with_one_client(&page).await.expect("the third attempt");
        assert!(text.contains("\"attempt\":3"), "{text}");
        let seen = lab.stats();
        assert_eq!((seen.requests, seen.connections), (3, 1), "{seen}");
    }

    #[tokio::test]
    async fn with_a_client_per_attempt_every_attempt_opens_a_connection() {
        let lab = Lab::start().await.expect("a free port");
        let page = lab.url("/flaky/page?fail=2");
        with_a_client_per_attempt(&page).await.expect("the third attempt");
        let seen = lab.stats();
        assert_eq!((seen.requests, seen.connections), (3, 3), "{seen}");
    }

    #[tokio::test]
    async fn if_every_attempt_fails_the_error_keeps_the_last_status() {
        let lab = Lab::start().await.expect("a free port");
        let page = lab.url("/flaky/page?fail=9&status=502");
        let error = with_one_client(&page).await.expect_err("it fails nine times");
        assert_eq!(error.attempts(), 3, "{error:?}");
        let last = error.last().expect("a last error");
        assert_eq!(last.to_string(), "status 502 Bad Gateway");
        assert_eq!(lab.stats().requests, 3);
    }

    #[tokio::test]
    async fn the_connection_of_a_partly_read_response_is_not_reused() {
        let (lab, client) = (Lab::start().await.expect("a free port"), client());
        let slow = client.get(lab.url("/drip?chunks=100&every=1000"));
        drop(slow.send().await.expect("the headers"));
        attempt(client.get(lab.url("/json"))).await.expect("a page");
        assert_eq!(lab.stats().connections, 2);
    }
}
