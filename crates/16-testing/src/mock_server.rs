//! A test server on this machine fails, stalls, and counts what the client really sent.
//!
//! asyncio: `aiohttp.test_utils.TestServer`, or `aioresponses`, which patches the client and so does
//! not test its connections and limits. Tokio: the kit's `Lab` listens on a free port of the
//! loopback interface, and the `wiremock` crate does the same with responses that you write. The test
//! asserts what the server counted: requests, requests in flight, connections.
#![cfg(not(target_family = "wasm"))]

use std::num::NonZeroUsize;

use async_kit::{Backoff, Lane, Millis, Retry, RetryError, lab::Lab, say};
use futures::{StreamExt, TryStreamExt, stream};
use reqwest::Client;

/// Ten pages, with at most three requests in flight; then a page that fails twice before it answers.
pub(crate) async fn run() -> anyhow::Result<()> {
    let (lab, client) = (Lab::start().await?, client()?);
    let pages = (0..10).map(|_| lab.url("/delay/20"));
    let texts = fetch_all(&client, pages.collect(), THREE).await?;
    say!("the client received {} pages", texts.len());
    say!("the server counted {}", lab.stats());

    let url = lab.url("/flaky/page?fail=2");
    fetch_with_retries(&client, &url).await?;
    let requests = lab.requests_to("/flaky/page");
    say!("a page that fails twice: the server counted {requests} requests");
    Ok(())
}

const THREE: NonZeroUsize = NonZeroUsize::new(3).expect("three is not zero");

// ANCHOR: mock_server
async fn fetch_all(
    client: &Client,
    urls: Vec<String>,
    limit: NonZeroUsize,
) -> reqwest::Result<Vec<String>> {
    let pages = stream::iter(urls).map(|url| fetch(client, url));
    pages.buffered(limit.get()).try_collect().await
}

async fn fetch(client: &Client, url: String) -> reqwest::Result<String> {
    let text = async { client.get(url).send().await?.error_for_status()?.text().await };
    text.step("fetching").try_lane("page").await
}

async fn fetch_with_retries(
    client: &Client,
    url: &str,
) -> Result<String, RetryError<reqwest::Error>> {
    let retry = Retry::new(Backoff::fixed(1.ms())).attempts(3);
    retry.run(|| fetch(client, url.to_owned())).await
}
// ANCHOR_END: mock_server

/// The timeout only ends a test whose server hangs. In a correct run it never expires.
fn client() -> reqwest::Result<Client> {
    Client::builder().no_proxy().timeout(60.secs()).build()
}

#[cfg(test)]
mod tests {
    use async_kit::TimeLimit;

    use super::*;

    // ANCHOR: tests
    #[tokio::test]
    async fn never_more_than_three_requests_are_in_flight() -> anyhow::Result<()> {
        let lab = Lab::start().await?;
        let urls = (0..10).map(|_| lab.url("/delay/1")).collect();
        let texts = fetch_all(&client()?, urls, THREE).await?;
        let seen = lab.stats();
        assert_eq!((texts.len(), seen.requests), (10, 10), "{seen}");
        assert!(seen.peak_in_flight <= 3, "{seen}");
        Ok(())
    }

    /// A client that sends one request at a time would pass the test above, so this test is needed
    /// too. With a server that never answers it is exact, even on a slow machine.
    #[tokio::test]
    async fn three_requests_are_in_flight_before_any_is_answered() -> anyhow::Result<()> {
        let lab = Lab::start().await?;
        let urls = (0..10).map(|_| lab.url("/stall")).collect();
        let client = client()?;
        tokio::spawn(async move { fetch_all(&client, urls, THREE).await });
        let seen = lab.wait_until(|seen| seen.in_flight == 3).within(60.secs()).await?;
        assert_eq!(seen.requests, 3, "{seen}");
        Ok(())
    }

    #[tokio::test]
    async fn a_page_that_fails_twice_is_requested_three_times() -> anyhow::Result<()> {
        let lab = Lab::start().await?;
        fetch_with_retries(&client()?, &lab.url("/flaky/page?fail=2")).await?;
        assert_eq!(lab.requests_to("/flaky/page"), 3);
        Ok(())
    }
    // ANCHOR_END: tests

    #[tokio::test]
    async fn a_page_that_always_fails_is_an_error_after_three_attempts()
    -> anyhow::Result<()> {
        let lab = Lab::start().await?;
        let page = fetch_with_retries(&client()?, &lab.url("/flaky/page?fail=9")).await;
        assert!(page.is_err());
        assert_eq!(lab.requests_to("/flaky/page"), 3);
        Ok(())
    }

    #[tokio::test]
    async fn a_status_500_is_an_error() -> anyhow::Result<()> {
        let lab = Lab::start().await?;
        let error = fetch(&client()?, lab.url("/status/500")).await.unwrap_err();
        assert_eq!(error.status().map(|status| status.as_u16()), Some(500));
        Ok(())
    }
}
