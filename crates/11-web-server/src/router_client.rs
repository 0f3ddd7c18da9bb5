//! A router is called without a socket. Used by the sections `layers`, `slots`, `slow_client` and
//! `rate`, and by tests.
//!
//! aiohttp's test client starts a server and connects to it. A `Router` is a `Service`: a function
//! from a request to a response. `oneshot` calls it without a socket, so it runs in virtual time.

use std::fmt;

use async_kit::say;
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{
        HeaderMap, Method, StatusCode,
        header::{CONTENT_TYPE, HeaderName, RETRY_AFTER},
    },
};
use serde_json::Value;
use tower::ServiceExt;

use crate::app::rate_limiter::ClientAddr;

/// A response with its whole body.
#[derive(Debug)]
pub(crate) struct FullResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// The client address of a request that is sent without a connection.
pub(crate) fn client(number: u8) -> ClientAddr {
    ClientAddr([192, 0, 2, number].into())
}

pub(crate) fn get(path: &str) -> Request {
    request(Method::GET, path, Body::empty())
}

#[cfg(test)]
pub(crate) fn head(path: &str) -> Request {
    request(Method::HEAD, path, Body::empty())
}

pub(crate) fn post(path: &str, json: impl Into<Body>) -> Request {
    request(Method::POST, path, json.into())
}

fn request(method: Method, path: &str, body: Body) -> Request {
    Request::builder()
        .method(method)
        .uri(path)
        .header(CONTENT_TYPE, "application/json")
        .extension(client(1))
        .body(body)
        .expect("a valid request")
}

// ANCHOR: send
pub(crate) async fn send(app: Router, request: Request) -> FullResponse {
    let Ok(response) = app.oneshot(request).await;
    let (head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX)
        .await
        .expect("the bodies of this chapter are in memory");
    let body = String::from_utf8_lossy(&body).into_owned();
    FullResponse { status: head.status, headers: head.headers, body }
}
// ANCHOR_END: send

impl FullResponse {
    pub(crate) fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Prints this response. Any status except 2xx is an error, so its row of the timeline ends
    /// with ✗.
    pub(crate) fn report(self) -> Result<(), StatusCode> {
        say!("{self}");
        if self.status.is_success() { Ok(()) } else { Err(self.status) }
    }

    /// The detail of a problem, or else the body.
    pub(crate) fn text(&self) -> String {
        let problem: Option<Value> = serde_json::from_str(&self.body).ok();
        let detail =
            problem.and_then(|problem| Some(problem["detail"].as_str()?.to_owned()));
        detail.unwrap_or_else(|| self.body.clone())
    }
}

impl fmt::Display for FullResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status.as_u16(), self.text())?;
        match self.header(RETRY_AFTER) {
            Some(wait) => write!(f, ", retry after {wait} s"),
            None => Ok(()),
        }
    }
}
