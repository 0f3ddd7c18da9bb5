//! A site without a `robots.txt` allows everything; if it cannot be fetched, that is a failure.

use async_kit::{Backoff, Retry};
use reqwest::StatusCode;

use super::{AGENT, Web, chain, read_body, redirect, status_failure};
use crate::{Address, Robots, failure::Failure};

/// RFC 9309 requires a crawler to read at least this much of a `robots.txt`; this one reads no
/// more.
const MAX_BYTES: u64 = 500 * 1024;

/// RFC 9309 requires a crawler to follow at least this many redirects; this one follows no more.
const MAX_REDIRECTS: usize = 5;

impl Web {
    /// Fetches a `robots.txt`, and retries a transient failure.
    pub(crate) async fn robots(&self, address: &Address) -> Result<Robots, Failure> {
        let retry = Retry::new(Backoff::exponential(self.backoff));
        let retry = retry.when(Failure::is_transient);
        let robots = retry.run(|| self.robots_once(address)).await;
        robots.map_err(|error| Failure::Robots(chain(error)))
    }

    async fn robots_once(&self, address: &Address) -> Result<Robots, Failure> {
        let mut at = address.clone();
        for _ in 0..MAX_REDIRECTS {
            let response = self.get(&at).await?;
            let status = response.status();
            match redirect(&at, &response) {
                Some(to) => at = to,
                None if status.is_success() => {
                    let text = read_body(response, MAX_BYTES).await?.bytes;
                    return Ok(Robots::parse(text, AGENT));
                }
                None if is_absent(status) => return Ok(Robots::allow_all()),
                None => return Err(status_failure(&response)),
            }
        }
        Err(Failure::Broken(format!("redirected more than {MAX_REDIRECTS} times")))
    }
}

/// Whether the site has no `robots.txt`. Status 429 only means that the crawler is too fast.
fn is_absent(status: StatusCode) -> bool {
    status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS
}
