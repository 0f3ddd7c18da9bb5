//! A page is downloaded within limits of time and size, and a redirect is not followed.
#![cfg(not(target_family = "wasm"))]

mod content;
mod robots_txt;

use std::{borrow::Cow, time::Duration};

use encoding_rs::Encoding;
use reqwest::{
    Client, Response,
    header::{LOCATION, RETRY_AFTER},
    redirect::Policy,
};

use self::content::{charset, decode, not_html};
use crate::{Address, Limits, failure::Failure, outcome::Skip};

/// The name of this crawler in a `robots.txt`.
pub const AGENT: &str = "async-kit-crawler";

/// How long to wait for a response, and how much of it to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchLimits {
    /// The timeout of a whole response. Default: 10 s.
    pub timeout: Duration,
    /// The largest page to read, in bytes. Default: 5,000,000.
    pub max_bytes: u64,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(10), max_bytes: 5_000_000 }
    }
}

/// An HTTP client that downloads pages and `robots.txt` files.
#[derive(Clone, Debug)]
pub struct Web {
    client: Client,
    limits: FetchLimits,
    backoff: Duration,
}

/// What a server returned for the address of a page.
#[derive(Debug)]
pub(crate) enum Download {
    Page(Body),
    Moved(Address),
    Unwanted(Skip),
}

impl Web {
    /// Makes a client. If `direct` is set, it uses no proxy, because a proxy on another machine
    /// cannot reach a server on this one.
    ///
    /// # Errors
    ///
    /// If the system has no certificates to trust.
    pub fn new(limits: FetchLimits, direct: bool) -> reqwest::Result<Self> {
        let client = Client::builder()
            .user_agent(format!("{AGENT}/{}", env!("CARGO_PKG_VERSION")))
            .timeout(limits.timeout)
            .redirect(Policy::none());
        let client = if direct { client.no_proxy() } else { client };
        Ok(Self { client: client.build()?, limits, backoff: Limits::default().backoff })
    }

    /// Sets how long to wait before the second attempt to fetch a `robots.txt`; each later wait
    /// is twice as long. Default: 200 ms, as in [`Limits::backoff`].
    #[must_use]
    pub fn with_backoff(self, backoff: Duration) -> Self {
        Self { backoff, ..self }
    }

    async fn get(&self, address: &Address) -> Result<Response, Failure> {
        self.client.get(address.url().clone()).send().await.map_err(failure)
    }

    // ANCHOR: download
    /// Downloads a page, in one attempt.
    pub(crate) async fn download(&self, address: &Address) -> Result<Download, Failure> {
        let response = self.get(address).await?;
        if let Some(to) = redirect(address, &response) {
            return Ok(Download::Moved(to));
        }
        if !response.status().is_success() {
            return Err(status_failure(&response));
        }
        if let Some(other) = not_html(response.headers()) {
            return Ok(Download::Unwanted(Skip::NotHtml(other)));
        }
        let body = read_body(response, self.limits.max_bytes).await?;
        Ok(match body.truncated {
            true => Download::Unwanted(Skip::TooLarge(self.limits.max_bytes)),
            false => Download::Page(body),
        })
    }
    // ANCHOR_END: download
}

/// The body of a response, up to a limit.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    /// The encoding that the header names.
    encoding: Option<&'static Encoding>,
    /// Whether the body is longer than the limit.
    truncated: bool,
}

impl Body {
    pub(crate) fn text(&self) -> Cow<'_, str> {
        decode(&self.bytes, self.encoding)
    }
}

// ANCHOR: body
async fn read_body(mut response: Response, limit: u64) -> Result<Body, Failure> {
    let encoding = charset(response.headers());
    // If the server announces a length above the limit, nothing has to be downloaded. But the
    // length may be wrong or missing, so the bytes are counted too.
    let length = response.content_length().unwrap_or_default();
    let mut truncated = length > limit;
    let mut bytes = Vec::with_capacity(length.min(limit) as usize);
    while !truncated && let Some(chunk) = response.chunk().await.map_err(failure)? {
        let room = limit - bytes.len() as u64;
        truncated = chunk.len() as u64 > room;
        bytes.extend_from_slice(&chunk[..chunk.len().min(room as usize)]);
    }
    Ok(Body { bytes, encoding, truncated })
}
// ANCHOR_END: body

/// The target of a redirect, resolved against the address that responded.
fn redirect(from: &Address, response: &Response) -> Option<Address> {
    if !response.status().is_redirection() {
        return None;
    }
    from.join(response.headers().get(LOCATION)?.to_str().ok()?)
}

fn status_failure(response: &Response) -> Failure {
    let after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let retry_after = after.and_then(|value| value.parse().ok()).map(Duration::from_secs);
    Failure::Status { status: response.status().as_u16(), retry_after }
}

fn failure(error: reqwest::Error) -> Failure {
    // A failure is always reported together with its address.
    let error = error.without_url();
    match (error.is_timeout(), error.is_connect()) {
        (true, _) => Failure::TimedOut(chain(error)),
        (_, true) => Failure::Connect(chain(error)),
        _ => Failure::Broken(chain(error)),
    }
}

/// The error with its causes, because the last cause is often the one that helps.
fn chain(error: impl Into<anyhow::Error>) -> String {
    format!("{:#}", error.into())
}
