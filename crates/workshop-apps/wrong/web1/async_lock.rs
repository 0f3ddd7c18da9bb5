//! An async mutex compiles, and its guard makes each visitor wait for the ticket of the one before.
//! message: The lock is held while the ticket is printed, so the next visitor waits.

use std::sync::Arc;

use async_kit::{Lane, Millis, exercise, say};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    routing::get,
};
use tokio::{
    join,
    sync::{Mutex, MutexGuard},
    time::sleep,
};
use tower::ServiceExt;

type Visitors = Arc<Count>;

async fn enter(State(visitors): State<Visitors>) -> String {
    let mut visitors = visitors.lock().await;
    *visitors += 1;
    print_ticket(*visitors).await;
    format!("visitor {visitors}")
}

/// The number of the last visitor, behind a `std` mutex. Do not change it, nor what follows.
#[derive(Default)]
struct Count {
    last: Mutex<u32>,
    at_the_back_door: Mutex<Vec<u32>>,
}

impl Count {
    /// Locks the number. Whenever the lock is free, another thread may count a visitor at the back door:
    /// here it does so before each lock.
    async fn lock(&self) -> MutexGuard<'_, u32> {
        let mut last = self.last.lock().await;
        *last += 1;
        self.at_the_back_door.lock().await.push(*last);
        last
    }
}

/// The museum has as many printers as it needs.
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
    let back_door = visitors.at_the_back_door.lock().await.clone();
    (<[String; 3]>::from(answers).into(), back_door)
}

fn main() {
    exercise::show(run());
}
