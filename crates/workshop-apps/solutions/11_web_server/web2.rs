//! `try_acquire` returns immediately: a permit, or an error that becomes the 503. The permit lives in a
//! variable until the response is ready, and its `drop` returns it on every path: also if the client
//! disconnects and the handler is dropped in the middle, where no line after the `await` runs.
//!
//! `available_permits` and then `acquire().await` passes the checks too, because they run on one thread.
//! On several threads another request can take the last slot between these two calls, and then `acquire`
//! waits. `try_acquire` looks for a slot and takes it in one step.

use std::sync::Arc;

use async_kit::{Lane, Millis, exercise, say};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::StatusCode,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::{join, sync::Semaphore, time::sleep};
use tower::ServiceExt;

/// Runs around every handler: `next.run(request)` runs the handler.
async fn limit(
    State(slots): State<Arc<Semaphore>>,
    request: Request,
    next: Next,
) -> Response {
    let Ok(_slot) = slots.try_acquire() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    next.run(request).await
}

async fn enlarge() -> &'static str {
    sleep(100.ms()).step("enlarging").await;
    "a photo"
}

/// The server: do not change it.
fn photo_lab(slots: &Arc<Semaphore>) -> Router {
    let limit = from_fn_with_state(Arc::clone(slots), limit);
    Router::new().route("/enlarge", get(enlarge)).layer(limit)
}

/// A client that arrives after `arrives` ms.
async fn client(server: Router, arrives: u64) -> StatusCode {
    sleep(arrives.ms()).await;
    let request = Request::builder().uri("/enlarge").body(Body::empty()).unwrap();
    let response = server.oneshot(request).await.expect("a router always answers");
    say!("gets {}", response.status().as_u16());
    response.status()
}

async fn run() {
    let server = photo_lab(&Arc::new(Semaphore::new(2)));
    join!(
        client(server.clone(), 0).lane("ann"),
        client(server.clone(), 10).lane("bob"),
        client(server.clone(), 20).lane("cid"),
        client(server.clone(), 105).lane("dan"),
    );
}

fn main() {
    exercise::show(run());
}
