//! A handler that panics answers `500`, and its connection stays open.
//!
//! aiohttp turns an exception into a `500` by itself. hyper does not: a panic would end the task
//! of the connection, and the client would see it close without an answer. The message of the panic
//! is on stderr, with file and line, before the panic is caught here.

use std::panic::AssertUnwindSafe;

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;

use super::problem::Problem;

// ANCHOR: catch_panic
pub(crate) async fn catch_panic(request: Request, next: Next) -> Response {
    // `AssertUnwindSafe` is correct for the state of the request, which is dropped with it. Code
    // that shares state between requests must handle a poisoned lock or an unfinished update.
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    answer.unwrap_or_else(|_panic| Problem::bug().into_response())
}
// ANCHOR_END: catch_panic
