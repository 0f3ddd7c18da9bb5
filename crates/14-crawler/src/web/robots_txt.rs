//! A site without a `robots.txt` allows everything; if it cannot be fetched, that is a failure.

use reqwest::StatusCode;

use super::{AGENT, Body, Web, redirect, status_failure};
use crate::{Address, Robots, failure::Failure};

/// RFC 9309 requires a crawler to read at least 500 KiB of a `robots.txt`. This one reads a little
/// more, because it ignores a last line that may be cut off.
const MAX_BYTES: usize = 512 * 1024;

/// RFC 9309 requires a crawler to follow at least this many redirects; this one follows no more.
const MAX_REDIRECTS: usize = 5;

impl Web {
    /// Fetches a `robots.txt`, in one attempt.
    pub(crate) async fn robots(&self, address: &Address) -> Result<Robots, Failure> {
        let mut at = address.clone();
        for _ in 0..=MAX_REDIRECTS {
            let response = self.get(&at).await?;
            let status = response.status();
            match redirect(&at, &response) {
                Some(to) => at = to,
                None if status.is_success() => {
                    let body = Body::read(response, MAX_BYTES).await?;
                    return Ok(Robots::parse(complete_lines(&body), AGENT));
                }
                None if is_absent(status) => return Ok(Robots::allow_all()),
                None => return Err(status_failure(&response)),
            }
        }
        Err(Failure::Invalid(format!("redirected more than {MAX_REDIRECTS} times")))
    }
}

/// The text without a last line that was cut off: half of a rule forbids more than the whole.
fn complete_lines(body: &Body) -> &[u8] {
    if !body.truncated {
        return &body.bytes;
    }
    let end = body.bytes.iter().rposition(|byte| b"\r\n".contains(byte));
    &body.bytes[..end.unwrap_or_default()]
}

/// Whether the site has no `robots.txt`. Status 429 only means that the crawler is too fast.
fn is_absent(status: StatusCode) -> bool {
    status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS
}
