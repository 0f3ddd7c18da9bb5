//! A body is received whole before anybody works on it, within a size and a time.
//!
//! A handler that reads the body by itself reads it at the pace of the client, and holds its slot
//! and whatever else it has taken meanwhile. The price is memory: a connection may fill one body.

use std::{error::Error, time::Duration};

use axum::{
    body::{Body, Bytes, HttpBody, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body_util::LengthLimitError;
use tokio::time::timeout;

use super::problem::Problem;

// ANCHOR: receive
/// What the body of a request may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Receiving {
    pub(crate) bytes: usize,
    /// From the end of the headers to the end of the body.
    pub(crate) time: Duration,
}

pub(crate) async fn receive(
    State(limits): State<Receiving>,
    request: Request,
    next: Next,
) -> Response {
    let (head, body) = request.into_parts();
    match whole(body, limits).await {
        Ok(bytes) => next.run(Request::from_parts(head, Body::from(bytes))).await,
        Err(problem) => problem.into_response(),
    }
}

async fn whole(body: Body, limits: Receiving) -> Result<Bytes, Problem> {
    // A client that says beforehand how long its body is need not send it to be refused.
    if body.size_hint().lower() > limits.bytes as u64 {
        return Err(too_long(limits));
    }
    match timeout(limits.time, to_bytes(body, limits.bytes)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_too_long(&error) => Err(too_long(limits)),
        Ok(Err(_)) => Err(Problem::new(StatusCode::BAD_REQUEST, "the body broke off")),
        Err(_) => Err(Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "the body did not arrive in time",
        )),
    }
}
// ANCHOR_END: receive

fn too_long(limits: Receiving) -> Problem {
    let detail = format!("a body has at most {} bytes", limits.bytes);
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
}

fn is_too_long(error: &axum::Error) -> bool {
    error.source().is_some_and(|source| source.is::<LengthLimitError>())
}
