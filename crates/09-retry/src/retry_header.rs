//! A server that sends `Retry-After` is asked again then, and not a moment earlier.
//!
//! In both languages the header is read by hand: it comes with 429 and 503, and holds seconds or
//! a date. It goes before the backoff, and only the total limit goes before it.

use async_kit::{Lane, lab::Lab, say, stage::chapter::url};

use crate::fetch::{client, fetch};

/// The server is busy and says for how long: one second.
pub(crate) async fn run() -> anyhow::Result<()> {
    let base = Lab::or_url(url()).await?;
    // A server that outlives this run knows a page by its key.
    let page = format!("/flaky/{:x}?fail=1&status=429&retry_after=1", fastrand::u64(..));
    let text = fetch(&client(), &base.url(&page)).try_lane("client").await?;
    say!("{text}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[tokio::test]
    async fn the_second_attempt_comes_no_earlier_than_the_server_asked() {
        let lab = Lab::start().await.expect("a free port");
        let (page, start) = (lab.url("/flaky/page?fail=1&retry_after=1"), Instant::now());
        fetch(&client(), &page).await.expect("the second attempt");
        let took = start.elapsed();
        assert!(took >= Duration::from_secs(1), "{took:?}, and the backoff waits 50 ms");
        assert_eq!(lab.stats().requests, 2);
    }
}
