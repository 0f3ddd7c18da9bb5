//! A handler that panics costs its client a `500`, and nobody else anything.
//!
//! aiohttp turns an exception into a `500` by itself. hyper does not: a panic would end the task
//! of the connection, and the client would see it close without an answer. The panic itself is on
//! stderr, with its place, before it arrives here.

use std::panic::AssertUnwindSafe;

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;

use super::problem::Problem;

// ANCHOR: survive
pub(crate) async fn survive(request: Request, next: Next) -> Response {
    // Nothing of a request outlives its panic, but what is shared: a lock that it poisoned, or a
    // count that it left half done, is the business of whoever shares it.
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    answer.unwrap_or_else(|_panic| Problem::bug().into_response())
}
// ANCHOR_END: survive
