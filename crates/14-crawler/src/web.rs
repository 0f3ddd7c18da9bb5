//! A page is downloaded within limits of time and size, and a redirect is not followed.
#![cfg(not(target_family = "wasm"))]

mod body;
mod content;
mod robots_txt;
#[cfg(test)]
mod tests;

use std::{
    error::Error,
    io::{self, ErrorKind},
    time::{Duration, SystemTime},
};

use async_kit::parse_retry_after;
use percent_encoding::{AsciiSet, percent_encode};
use reqwest::{
    Client, Response,
    header::{ACCEPT_ENCODING, LOCATION, RETRY_AFTER},
    redirect::Policy,
};

pub(crate) use self::body::Body;
use self::content::ContentType;
use crate::{Address, failure::Failure, outcome::Skip};

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
        Ok(Self { client: client.build()?, limits })
    }

    async fn get(&self, address: &Address) -> Result<Response, Failure> {
        let request = self.client.get(address.url().clone());
        request.header(ACCEPT_ENCODING, "gzip").send().await.map_err(failure)
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
        if let Some(other) = ContentType::of(response.headers()).not_html() {
            return Ok(Download::Unwanted(Skip::NotHtml(other)));
        }
        let max_bytes = self.limits.max_bytes;
        let too_large = Download::Unwanted(Skip::TooLarge(max_bytes));
        // If the server announces a length above the limit, nothing has to be downloaded.
        if response.content_length().is_some_and(|length| length > max_bytes) {
            return Ok(too_large);
        }
        let limit = max_bytes.try_into().unwrap_or(usize::MAX);
        let body = Body::read(response, limit).await?;
        Ok(if body.truncated { too_large } else { Download::Page(body) })
    }
    // ANCHOR_END: download
}

/// The target of a redirect, resolved against the address that responded.
fn redirect(from: &Address, response: &Response) -> Option<Address> {
    if !response.status().is_redirection() {
        return None;
    }
    let to = response.headers().get(LOCATION)?.as_bytes();
    // Servers send other bytes than ASCII. Each of them means its escape.
    from.join(&percent_encode(to, &AsciiSet::EMPTY).to_string())
}

fn status_failure(response: &Response) -> Failure {
    let after = response.headers().get(RETRY_AFTER);
    let retry_after =
        after.and_then(|after| parse_retry_after(after.as_bytes(), SystemTime::now()));
    Failure::Status { status: response.status().as_u16(), retry_after }
}

fn failure(error: reqwest::Error) -> Failure {
    // A failure is always reported together with its address.
    let error = error.without_url();
    match (error.is_timeout(), error.is_connect()) {
        _ if is_local(&error) => Failure::Local(chain(error)),
        (true, _) => Failure::TimedOut(chain(error)),
        (_, true) => Failure::Connect(chain(error)),
        _ => Failure::Broken(chain(error)),
    }
}

/// Too many open files, of this process or of the machine: `ENFILE` and `EMFILE` of Unix, and
/// `WSAEMFILE` of Windows. The standard library has no kind of error for them.
const TOO_MANY_FILES: [i32; 3] = [23, 24, 10_024];

/// The other failures of a machine. On Linux, the lookup of a name is "busy" if it cannot open a file.
const LOCAL: [ErrorKind; 3] =
    [ErrorKind::NetworkDown, ErrorKind::OutOfMemory, ErrorKind::ResourceBusy];

/// Whether the cause is this machine and not the server.
fn is_local(error: &(dyn Error + 'static)) -> bool {
    let system = error.downcast_ref::<io::Error>();
    let system = system.and_then(|error| Some((error.raw_os_error()?, error.kind())));
    system.is_some_and(|(code, kind)| {
        TOO_MANY_FILES.contains(&code) || LOCAL.contains(&kind)
    }) || error.source().is_some_and(is_local)
}

/// The error with its causes, because the last cause is often the one that helps.
fn chain(error: impl Into<anyhow::Error>) -> String {
    format!("{:#}", error.into())
}
