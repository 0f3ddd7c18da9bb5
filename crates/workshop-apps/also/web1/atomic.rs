//! An atomic number needs no guard at all.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering::SeqCst},
};

use async_kit::{Lane, Millis, exercise, say};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    routing::get,
};
use tokio::{join, time::sleep};
use tower::ServiceExt;

type Visitors = Arc<AtomicU32>;

async fn enter(State(visitors): State<Visitors>) -> String {
    let number = visitors.fetch_add(1, SeqCst) + 1;
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

/// Returns the answers to three visitors, and then the numbers of those at the back door.
async fn run() -> (Vec<String>, Vec<u32>) {
    let visitors = Visitors::default();
    let museum = Router::new().route("/enter", get(enter)).with_state(visitors.clone());
    let [ann, bob, cid] =
        ["ann", "bob", "cid"].map(|name| visit(museum.clone()).lane(name));
    let answers = join!(ann, bob, cid);
    (<[String; 3]>::from(answers).into(), Vec::new())
}

fn main() {
    exercise::show(run());
}
