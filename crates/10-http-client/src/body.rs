//! A response body is read up to a limit, with or without a `Content-Length`.
//!
//! asyncio: `await response.read()` reads the whole body; a limit needs
//! `response.content.iter_chunked` and a count. Tokio: reqwest's `bytes`, `text` and `json` read the
//! whole body too; `chunk` returns the bytes that have arrived. A body that announces 100 MB is
//! refused before the first byte. If a body announces no length, its bytes are counted.
#![cfg(not(target_family = "wasm"))]

use async_kit::{
    Lane,
    lab::{Lab, Stats},
    say,
};
use reqwest::Client;

use crate::bounded_body::read;

/// A small body, one that announces 100 MB, and one that arrives slowly without a length.
pub(crate) async fn run() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let client = Client::builder().no_proxy().build()?;
    for (name, path) in [
        ("small", "/bytes/1000"),
        ("announced", "/bytes/100000000"),
        ("no length", "/drip?chunks=1000&every=5"),
    ] {
        let answer = client.get(lab.url(path)).send().await?;
        match read(answer, 1000).step("reading").try_lane(name).await {
            Ok(body) => say!("{name}: {} bytes", body.len()),
            Err(error) => say!("{name}: {error}"),
        }
    }
    no_request_in_flight(&lab).await;
    say!("the server has stopped sending");
    Ok(())
}

async fn no_request_in_flight(lab: &Lab) -> Stats {
    lab.wait_until(|stats| stats.in_flight == 0).await
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, TimeLimit};

    use super::*;
    use crate::fetch_error::FetchError;

    async fn length(lab: &Lab, path: &str, at_most: usize) -> Result<usize, FetchError> {
        let client = Client::builder().no_proxy().build().expect("a client");
        let answer = client.get(lab.url(path)).send().await.expect("an answer");
        let body = read(answer, at_most).within(30.secs()).await;
        Ok(body.expect("within 30 seconds")?.len())
    }

    #[tokio::test]
    async fn a_body_of_exactly_the_limit_is_read_and_one_byte_more_is_refused() {
        let lab = Lab::start().await.expect("a free port");
        for (size, at_most, fits) in
            [(50_000, 50_000, true), (50_000, 49_999, false), (0, 0, true), (1, 0, false)]
        {
            let length = length(&lab, &format!("/bytes/{size}"), at_most).await;
            match length {
                Ok(length) => assert!(fits && length == size, "{length} of {size}"),
                Err(error) => {
                    assert!(
                        !fits && matches!(error, FetchError::TooBig(n) if n == at_most)
                    )
                }
            }
        }
    }

    /// The first chunk alone is longer than the limit.
    #[tokio::test]
    async fn a_body_without_a_length_is_counted() {
        let lab = Lab::start().await.expect("a free port");
        let length = length(&lab, "/drip?chunks=1000&every=60000", 10).await;
        assert!(matches!(length, Err(FetchError::TooBig(10))), "{length:?}");
    }

    #[tokio::test]
    async fn the_server_stops_sending_a_refused_body() {
        let lab = Lab::start().await.expect("a free port");
        for path in ["/bytes/100000000", "/drip?chunks=2&every=60000"] {
            assert!(length(&lab, path, 5).await.is_err());
            let idle = no_request_in_flight(&lab).within(30.secs()).await;
            assert!(idle.is_ok(), "{path}: {}", lab.stats());
        }
    }

    /// The body announces 40 bytes, and breaks off after 20.
    #[tokio::test]
    async fn an_announced_length_above_the_limit_is_refused_before_the_body() {
        let lab = Lab::start().await.expect("a free port");
        let length = length(&lab, "/reset", 39).await;
        assert!(matches!(length, Err(FetchError::TooBig(39))), "{length:?}");
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_an_error_and_not_a_short_body() {
        let lab = Lab::start().await.expect("a free port");
        let length = length(&lab, "/reset", 1000).await;
        assert!(matches!(length, Err(FetchError::Broken(_))), "{length:?}");
    }
}
