//! One attempt at a page ends with its whole text, or with an error that says if it may pass.

use std::time::{Duration, SystemTime};

use async_kit::{Backoff, Jitter, Lane, Millis, Retry, RetryError, lab::Base, say};
use reqwest::{Client, StatusCode};

use crate::retry_header::retry_after;

/// A client to be shared: it keeps its connections open, which a client per attempt cannot.
pub(crate) fn client() -> Client {
    // The lab is on this machine, and no proxy stands before it.
    Client::builder().no_proxy().build().expect("without TLS there is nothing to set up")
}

// ANCHOR: fetch
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("status {status}")]
    Status { status: StatusCode, retry_after: Option<Duration> },
    #[error("the connection failed")]
    Transport(#[from] reqwest::Error),
}

impl FetchError {
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Status { status, .. } => {
                matches!(status.as_u16(), 408 | 429 | 500 | 502..=504)
            }
            Self::Transport(error) => !error.is_builder() && !error.is_redirect(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            Self::Transport(_) => None,
        }
    }
}

/// Fetches a page, over one connection if the server allows it.
pub(crate) async fn fetch(
    client: &Client,
    url: &str,
) -> Result<String, RetryError<FetchError>> {
    policy().run(|| attempt(client, url).step("asking")).await
}

/// Every question of this chapter, answered once; for requests that may be repeated, as a GET.
pub(crate) fn policy() -> Retry<'static, FetchError> {
    Retry::new(Backoff::exponential(50.ms()).max(1.secs()).jitter(Jitter::Full))
        .attempts(3)
        .attempt_timeout(2.secs())
        .total(10.secs())
        .when(FetchError::is_transient)
        .retry_after(FetchError::retry_after)
        .on_retry(|attempt, _, error| say!("attempt {attempt}: {error}"))
}

pub(crate) async fn attempt(client: &Client, url: &str) -> Result<String, FetchError> {
    let answer = client.get(url).send().await?;
    let (status, retry_after) =
        (answer.status(), retry_after(answer.headers(), SystemTime::now()));
    // Read to its end, wanted or not: a body left behind can cost the connection.
    let text = answer.text().await?;
    match status.is_success() {
        true => Ok(text),
        false => Err(FetchError::Status { status, retry_after }),
    }
}
// ANCHOR_END: fetch

/// Only a lab of our own can say what it saw.
pub(crate) fn tell_counts(base: &Base) {
    if let Some(lab) = base.lab() {
        say!("until now {}", lab.stats());
    }
}
