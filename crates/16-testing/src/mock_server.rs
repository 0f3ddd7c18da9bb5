//! A client is tested against a real server on this machine, which can fail, stall and count.
//!
//! asyncio: `aiohttp.test_utils.TestServer`, or `aioresponses`, which patches the client and so
//! tests neither its connections nor its limits. Tokio: the kit's `Lab` listens on a free port of
//! the loopback, and the `wiremock` crate does the same with answers that you write. What a
//! server saw is what counts: how many requests, how many at once, over how many connections.
#![cfg(not(target_family = "wasm"))]

use std::num::NonZeroUsize;

use async_kit::{Backoff, Lane, Millis, Retry, RetryError, lab::Lab, say};
use futures::{StreamExt, TryStreamExt, stream};
use reqwest::Client;

/// Ten pages, at most three at once; then a page that fails twice before it answers.
pub(crate) async fn run() -> anyhow::Result<()> {
    let (lab, client) = (Lab::start().await?, client()?);
    let pages = (0..10).map(|_| lab.url("/delay/20"));
    let texts = fetch_all(&client, pages.collect(), THREE).await?;
    say!("the client has {} pages", texts.len());
    say!("the server saw {}", lab.stats());

    let url = lab.url("/flaky/page?fail=2");
    fetch_patiently(&client, &url).await?;
    let asked = lab.requests_to("/flaky/page");
    say!("a flaky page answers in the end: the server saw {asked} requests for it");
    Ok(())
}

const THREE: NonZeroUsize = NonZeroUsize::new(3).expect("three is not zero");

// ANCHOR: mock_server
async fn fetch_all(
    client: &Client,
    urls: Vec<String>,
    at_once: NonZeroUsize,
) -> reqwest::Result<Vec<String>> {
    let pages = stream::iter(urls).map(|url| fetch(client, url));
    pages.buffered(at_once.get()).try_collect().await
}

async fn fetch(client: &Client, url: String) -> reqwest::Result<String> {
    let text = async { client.get(url).send().await?.error_for_status()?.text().await };
    text.step("asking").try_lane("page").await
}

async fn fetch_patiently(
    client: &Client,
    url: &str,
) -> Result<String, RetryError<reqwest::Error>> {
    let retry = Retry::new(Backoff::fixed(1.ms())).attempts(3);
    retry.run(|| fetch(client, url.to_owned())).await
}
// ANCHOR_END: mock_server

/// The limits end a test whose server is stuck; none of them is ever meant to pass.
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

    /// The other half: a client that asks one at a time would pass the test above. A server that
    /// never answers makes it exact, on a slow machine too.
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
    async fn a_page_that_fails_twice_is_asked_for_three_times() -> anyhow::Result<()> {
        let lab = Lab::start().await?;
        fetch_patiently(&client()?, &lab.url("/flaky/page?fail=2")).await?;
        assert_eq!(lab.requests_to("/flaky/page"), 3);
        Ok(())
    }
    // ANCHOR_END: tests

    #[tokio::test]
    async fn a_page_that_fails_too_often_is_an_error_after_three() -> anyhow::Result<()> {
        let lab = Lab::start().await?;
        let answer = fetch_patiently(&client()?, &lab.url("/flaky/page?fail=9")).await;
        assert!(answer.is_err());
        assert_eq!(lab.requests_to("/flaky/page"), 3);
        Ok(())
    }

    #[tokio::test]
    async fn a_status_that_is_no_success_is_no_page() -> anyhow::Result<()> {
        let lab = Lab::start().await?;
        let error = fetch(&client()?, lab.url("/status/500")).await.unwrap_err();
        assert_eq!(error.status().map(|status| status.as_u16()), Some(500));
        Ok(())
    }
}
