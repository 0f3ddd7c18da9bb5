//! Each request has an id, which the client and the log share.
//!
//! A client that complains quotes the id, and the log says what the client was not told.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use async_kit::say;
use axum::{extract::Request, http::HeaderName, middleware::Next, response::Response};
use tokio::time::Instant;

use super::problem::Cause;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

static REQUESTS: AtomicU64 = AtomicU64::new(0);

// ANCHOR: log
/// Prints a line for each request that was answered.
pub(crate) async fn log(request: Request, next: Next) -> Response {
    let (id, start) = (REQUESTS.fetch_add(1, Relaxed) + 1, Instant::now());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut response = next.run(request).await;
    let (status, took) = (response.status().as_u16(), start.elapsed().as_millis());
    let cause = response.extensions().get::<Cause>();
    let cause = cause.map_or(String::new(), |Cause(cause)| format!(" because {cause}"));
    say!("{id} {method} {path} {status} {took} ms{cause}");
    response.headers_mut().insert(REQUEST_ID, id.into());
    response
}
// ANCHOR_END: log
