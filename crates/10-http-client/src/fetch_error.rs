//! The cause of a failed request decides whether another attempt can succeed. Used by `body` and
//! every section with a `Fetcher`.
#![cfg(not(target_family = "wasm"))]

use std::{
    error::Error,
    io,
    iter::successors,
    time::{Duration, SystemTime},
};

use async_kit::{TimedOut, parse_retry_after, retry::is_transient_status};
use reqwest::{Response, StatusCode, header::RETRY_AFTER};

// ANCHOR: fetch_error
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("no free slot: {0}")]
    Slot(TimedOut),
    #[error("no connection")]
    Connect(#[source] reqwest::Error),
    #[error("the server sent nothing in time")]
    ReadTimeout(#[source] reqwest::Error),
    #[error("no complete answer: {0}")]
    Total(TimedOut),
    #[error("the connection broke")]
    Broken(#[source] reqwest::Error),
    #[error("status {status}")]
    Status { status: StatusCode, retry_after: Option<Duration> },
    #[error("more than {0} bytes")]
    TooBig(usize),
    #[error("not the JSON that was expected")]
    Json(#[from] serde_json::Error),
    #[error("the URL or its redirects are invalid")]
    BadUrl(#[source] reqwest::Error),
}

impl FetchError {
    /// Whether the next attempt can succeed. A missing slot is not transient: a retry would add
    /// to the load of a client that is already busy.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Connect(error) => !is_bad_certificate(error),
            Self::ReadTimeout(_) | Self::Total(_) | Self::Broken(_) => true,
            Self::Status { status, .. } => is_transient_status(status.as_u16()),
            Self::Slot(_) | Self::TooBig(_) | Self::Json(_) | Self::BadUrl(_) => false,
        }
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    pub(crate) fn status(answer: &Response) -> Self {
        let value = answer.headers().get(RETRY_AFTER);
        let retry_after = value
            .and_then(|value| parse_retry_after(value.as_bytes(), SystemTime::now()));
        Self::Status { status: answer.status(), retry_after }
    }
}

impl From<reqwest::Error> for FetchError {
    fn from(error: reqwest::Error) -> Self {
        match error {
            // This check is first: `is_timeout` is also true when connecting takes too long.
            error if error.is_connect() => Self::Connect(error),
            error if error.is_timeout() => Self::ReadTimeout(error),
            error if error.is_builder() || error.is_redirect() => Self::BadUrl(error),
            error => Self::Broken(error),
        }
    }
}
// ANCHOR_END: fetch_error

/// An untrusted certificate stays untrusted. rustls reports it as `InvalidData` in an I/O error,
/// which may be wrapped in another I/O error.
fn is_bad_certificate(error: &reqwest::Error) -> bool {
    let mut causes = successors(error.source(), |&cause| cause.source());
    causes.any(|cause| {
        let mut errors = successors(cause.downcast_ref::<io::Error>(), |outer| {
            outer.get_ref()?.downcast_ref()
        });
        errors.any(|error| error.kind() == io::ErrorKind::InvalidData)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(code: u16) -> FetchError {
        let status = StatusCode::from_u16(code).unwrap();
        FetchError::Status { status, retry_after: None }
    }

    #[test]
    fn a_busy_server_is_transient_and_a_missing_page_is_not() {
        for code in [408, 429, 500, 502, 503, 504] {
            assert!(status(code).is_transient(), "{code}");
        }
        for code in [301, 400, 401, 403, 404, 410, 501, 505] {
            assert!(!status(code).is_transient(), "{code}");
        }
    }
}
