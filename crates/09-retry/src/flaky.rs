//! Two refusals and an answer need three requests, and only one connection.
//!
//! asyncio: with aiohttp, one `ClientSession` for all attempts, opened outside the loop. Tokio:
//! one `reqwest::Client`, which is cheap to clone and keeps its connections open. A session or a
//! client for each attempt connects anew each time, which a server in trouble needs least.

use async_kit::{Lane, RetryError, knob, lab::Lab, stage::chapter::url};

use crate::fetch::{
    FetchError, Patience, attempt, client, fetch, policy, tell, tell_counts,
};

pub(crate) fn knobs() -> u32 {
    knob("fail", 2, 0..=5)
}

/// A page that fails twice is fetched with one client, and then with a client per attempt.
pub(crate) async fn run(fail: u32) -> anyhow::Result<()> {
    let base = Lab::or_url(url()).await?;
    // A server that outlives this run knows a page by its key.
    let page = || base.url(&format!("/flaky/{:x}?fail={fail}", fastrand::u64(..)));
    tell("one client", with_one_client(&page()).try_lane("one client").await);
    tell_counts(&base);
    tell("a client each", with_a_client_each(&page()).try_lane("a client each").await);
    tell_counts(&base);
    Ok(())
}

// ANCHOR: flaky
async fn with_one_client(page: &str) -> Result<String, RetryError<FetchError>> {
    fetch(&client(), page, Patience::default()).await
}

/// The same, but it connects anew for each attempt.
async fn with_a_client_each(page: &str) -> Result<String, RetryError<FetchError>> {
    let again = || attempt(client().get(page)).step("asking");
    policy(Patience::default()).run(again).await
}
// ANCHOR_END: flaky

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn three_requests_share_one_connection_and_the_third_answers() {
        let lab = Lab::start().await.expect("a free port");
        let page = lab.url("/flaky/page?fail=2");
        let text = with_one_client(&page).await.expect("the third attempt");
        assert!(text.contains("\"attempt\":3"), "{text}");
        let seen = lab.stats();
        assert_eq!((seen.requests, seen.connections), (3, 1), "{seen}");
    }

    #[tokio::test]
    async fn a_client_for_each_attempt_needs_a_connection_for_each() {
        let lab = Lab::start().await.expect("a free port");
        let page = lab.url("/flaky/page?fail=2");
        with_a_client_each(&page).await.expect("the third attempt");
        let seen = lab.stats();
        assert_eq!((seen.requests, seen.connections), (3, 3), "{seen}");
    }

    #[tokio::test]
    async fn a_page_that_never_recovers_ends_with_its_last_status() {
        let lab = Lab::start().await.expect("a free port");
        let page = lab.url("/flaky/page?fail=9&status=502");
        let error = with_one_client(&page).await.expect_err("it fails nine times");
        assert_eq!(error.attempts(), 3, "{error:?}");
        let last = error.last().expect("a last error");
        assert_eq!(last.to_string(), "status 502 Bad Gateway");
        assert_eq!(lab.stats().requests, 3);
    }

    #[tokio::test]
    async fn an_answer_that_is_not_read_to_its_end_costs_its_connection() {
        let (lab, client) = (Lab::start().await.expect("a free port"), client());
        let slow = client.get(lab.url("/drip?chunks=100&every=1000"));
        drop(slow.send().await.expect("the headers"));
        attempt(client.get(lab.url("/json"))).await.expect("a page");
        assert_eq!(lab.stats().connections, 2);
    }
}
