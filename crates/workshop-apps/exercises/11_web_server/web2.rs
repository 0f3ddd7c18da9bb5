//! web2 · 10 minutes · let a full server answer 503 immediately
//!
//! A photo lab enlarges photos. Each needs much memory, so the lab enlarges two at the same time. While
//! it does, the server is full, and answers 503 (`StatusCode::SERVICE_UNAVAILABLE`) immediately: no
//! request waits for a slot. Write `limit`, which runs around every handler. It returns a response:
//! `next.run(request).await` is one, and `StatusCode::….into_response()` is one too. A client may
//! disconnect at any time, and the server then drops the future of its request; no slot may be lost.
//!
//! Section: `cargo run -p web-server -- slots`. Code: crates/11-web-server/src/slots.rs.
//! Page: docs/src/11-web-server.md.

use std::sync::Arc;

use async_kit::{Lane, Millis, exercise, say};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::StatusCode,
    middleware::{Next, from_fn_with_state},
    // `IntoResponse` is for `into_response`.
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
    // TODO: take one of the slots while the handler runs, or answer 503.
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_kit::{
        Millis,
        exercise::{cancelled_everywhere, observe},
    };
    use tokio::sync::Semaphore;

    use super::{client, photo_lab, run};

    #[test]
    fn check_1_a_full_server_answers_immediately() {
        let run = observe(run());
        let mistake =
            "No slot is held while the handler runs. `let _ = …` drops immediately.";
        run.never_more_than("enlarging", 2, mistake);
        let mistake =
            "The third request is not answered 503 immediately. Does it wait for a slot?";
        run.prints_at(20.ms(), "cid gets 503", mistake);
        run.prints_at(
            110.ms(),
            "bob gets 200",
            "There are two slots, and Bob is the second.",
        );
        run.prints_at(
            205.ms(),
            "dan gets 200",
            "Ann's slot is not returned when her request ends.",
        );
    }

    #[test]
    fn check_2_a_client_that_disconnects_returns_its_slot() {
        cancelled_everywhere(
            async || Arc::new(Semaphore::new(2)),
            async |slots| client(photo_lab(slots), 10).await,
            async |slots| match slots.available_permits() {
                2 => Ok(()),
                left => Err(format!("{left} slots are left, of 2")),
            },
            "No line after an `await` runs when the future is dropped. Let `drop` return the slot.",
        );
    }
}
