//! The whole body is received before the handler runs, within a size limit and a time limit.
//!
//! A handler that reads the body itself reads it at the speed of the client, and holds its slot and
//! other resources during that time. The cost is memory: each connection may hold one whole body.

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

// ANCHOR: receive_body
/// The maximum size of a body, and the time in which it must arrive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimits {
    pub(crate) bytes: usize,
    /// From the end of the headers to the end of the body.
    pub(crate) time: Duration,
}

pub(crate) async fn receive_body(
    State(limits): State<BodyLimits>,
    request: Request,
    next: Next,
) -> Response {
    let (head, body) = request.into_parts();
    match read_whole(body, limits).await {
        Ok(bytes) => next.run(Request::from_parts(head, Body::from(bytes))).await,
        Err(problem) => problem.into_response(),
    }
}

async fn read_whole(body: Body, limits: BodyLimits) -> Result<Bytes, Problem> {
    // If `Content-Length` is above the limit, the body is refused before the client sends it.
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
// ANCHOR_END: receive_body

fn too_long(limits: BodyLimits) -> Problem {
    let detail = format!("the body is longer than {} bytes", limits.bytes);
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
}

fn is_too_long(error: &axum::Error) -> bool {
    error.source().is_some_and(|source| source.is::<LengthLimitError>())
}
