//! A body is taken up to a limit, whatever its server has announced.
//!
//! asyncio: `await response.read()` takes it all; a limit needs `response.content.iter_chunked` and
//! a count. Tokio: `bytes`, `text` and `json` of reqwest take it all as well; `chunk` returns what
//! has come so far. A server that says 100 MB is believed, and refused at once. One that says
//! nothing is counted.

use async_kit::{
    Lane,
    lab::{Lab, Stats},
    say,
};
use reqwest::{Client, Response};

use crate::fetch_error::FetchError;

/// A body that announces its 100 MB, and one that drips on and never says how long.
pub(crate) async fn run() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let client = Client::builder().no_proxy().build()?;
    for (name, path) in [
        ("small", "/bytes/1000"),
        ("announced", "/bytes/100000000"),
        ("dripping", "/drip?chunks=1000&every=5"),
    ] {
        let answer = client.get(lab.url(path)).send().await?;
        match read(answer, 1000).step("reading").try_lane(name).await {
            Ok(body) => say!("{name}: {} bytes", body.len()),
            Err(error) => say!("{name}: {error}"),
        }
    }
    nobody_sends_any_more(&lab).await;
    say!("and nothing is sent any more");
    Ok(())
}

// ANCHOR: body
pub(crate) async fn read(
    mut answer: Response,
    at_most: usize,
) -> Result<Vec<u8>, FetchError> {
    if answer.content_length().is_some_and(|length| length > at_most as u64) {
        return Err(FetchError::TooBig(at_most));
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if chunk.len() > at_most - body.len() {
            // Dropping the answer closes its connection: the server stops sending.
            return Err(FetchError::TooBig(at_most));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
// ANCHOR_END: body

async fn nobody_sends_any_more(lab: &Lab) -> Stats {
    lab.wait_until(|stats| stats.in_flight == 0).await
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, TimeLimit};

    use super::*;

    async fn taken(lab: &Lab, path: &str, at_most: usize) -> Result<usize, FetchError> {
        let client = Client::builder().no_proxy().build().expect("a client");
        let answer = client.get(lab.url(path)).send().await.expect("an answer");
        let body = read(answer, at_most).within(30.secs()).await;
        Ok(body.expect("within 30 seconds")?.len())
    }

    #[tokio::test]
    async fn a_body_of_the_very_limit_is_taken_and_one_byte_more_is_not() {
        let lab = Lab::start().await.expect("a free port");
        for (size, at_most, fits) in
            [(50_000, 50_000, true), (50_000, 49_999, false), (0, 0, true), (1, 0, false)]
        {
            let taken = taken(&lab, &format!("/bytes/{size}"), at_most).await;
            match taken {
                Ok(length) => assert!(fits && length == size, "{length} of {size}"),
                Err(error) => {
                    assert!(
                        !fits && matches!(error, FetchError::TooBig(n) if n == at_most)
                    )
                }
            }
        }
    }

    /// The first line alone is longer than that.
    #[tokio::test]
    async fn a_body_that_announces_nothing_is_counted() {
        let lab = Lab::start().await.expect("a free port");
        let taken = taken(&lab, "/drip?chunks=1000&every=60000", 10).await;
        assert!(matches!(taken, Err(FetchError::TooBig(10))), "{taken:?}");
    }

    #[tokio::test]
    async fn a_refused_body_is_not_sent_on() {
        let lab = Lab::start().await.expect("a free port");
        for path in ["/bytes/100000000", "/drip?chunks=2&every=60000"] {
            assert!(taken(&lab, path, 5).await.is_err());
            let idle = nobody_sends_any_more(&lab).within(30.secs()).await;
            assert!(idle.is_ok(), "{path}: {}", lab.stats());
        }
    }

    /// It announces 40 bytes, and breaks off after 20.
    #[tokio::test]
    async fn what_is_announced_is_refused_before_it_has_come() {
        let lab = Lab::start().await.expect("a free port");
        let taken = taken(&lab, "/reset", 39).await;
        assert!(matches!(taken, Err(FetchError::TooBig(39))), "{taken:?}");
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_no_short_body() {
        let lab = Lab::start().await.expect("a free port");
        let taken = taken(&lab, "/reset", 1000).await;
        assert!(matches!(taken, Err(FetchError::Broken(_))), "{taken:?}");
    }
}
