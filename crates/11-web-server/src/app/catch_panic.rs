//! If a handler panics, its client gets a `500`, and the connection stays open.
//!
//! aiohttp turns an exception into a `500` automatically. hyper does not: a panic would end the
//! task of the connection, and the client would see it close without a response. The message of the
//! panic is on stderr, with file and line, before the panic is caught here.

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
    let response = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    response.unwrap_or_else(|_panic| Problem::bug().into_response())
}
// ANCHOR_END: catch_panic
