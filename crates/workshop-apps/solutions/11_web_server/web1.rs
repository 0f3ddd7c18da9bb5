//! A guard of a `std` mutex cannot move to another thread, so a future that holds one across an `await`
//! is not `Send`, and axum refuses its handler. The number is taken and the guard dropped before the
//! printer is awaited: that compiles, and no visitor waits for the ticket of another.
//!
//! The number is taken in one lock. To add 1 in one lock and read the number in a second one passes here,
//! because this run has one thread. In a server, another thread may come between the two locks, and two
//! visitors get the same number.

use std::sync::{Arc, Mutex};

use async_kit::{Lane, Millis, exercise, say};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    routing::get,
};
use tokio::{join, time::sleep};
use tower::ServiceExt;

type Visitors = Arc<Mutex<u32>>;

async fn enter(State(visitors): State<Visitors>) -> String {
    let number = {
        let mut visitors = visitors.lock().unwrap();
        *visitors += 1;
        *visitors
    };
    print_ticket(number).await;
    format!("visitor {number}")
}

/// Do not change it. The museum has as many printers as it needs.
async fn print_ticket(number: u32) {
    sleep(100.ms()).step("printing").await;
    say!("has ticket {number}");
}

/// A request to the museum, without a socket: a router is a function.
async fn visit(museum: Router) -> String {
    let request = Request::builder().uri("/enter").body(Body::empty()).unwrap();
    let response = museum.oneshot(request).await.expect("a router always answers");
    let body = to_bytes(response.into_body(), 1000).await.expect("it is a short text");
    String::from_utf8_lossy(&body).into_owned()
}

async fn run() -> [String; 3] {
    let museum =
        Router::new().route("/enter", get(enter)).with_state(Visitors::default());
    let [ann, bob, cid] =
        ["ann", "bob", "cid"].map(|name| visit(museum.clone()).lane(name));
    join!(ann, bob, cid).into()
}

fn main() {
    exercise::show(run());
}
