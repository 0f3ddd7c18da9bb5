//! web1 · 10 minutes · make a handler `Send`, so that axum accepts it
//!
//! The web server of a museum numbers its visitors and prints a ticket for each of them. It does not
//! compile: the compiler says of `enter` only that `Handler` is not implemented. With the attribute
//! `#[axum::debug_handler]` above `enter`, it names the value and the await. axum runs handlers on
//! several threads, so the future of a handler must be `Send`. Make it so. Visitors that enter at the
//! same time get different numbers, and no visitor waits for the ticket of another.
//!
//! Section: `cargo run -p web-server -- hello`. Code: crates/11-web-server/src/hello.rs.
//! Page: docs/src/11-web-server.md; "How to read a `Send` error" in docs/src/17-pitfalls.md.

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
    // TODO: which value is alive while the printer is awaited?
    let mut visitors = visitors.lock().unwrap();
    *visitors += 1;
    print_ticket(*visitors).await;
    format!("visitor {visitors}")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_visitors_get_three_numbers_at_the_same_time() {
        let run = exercise::observe(run());
        let mut answers = run.output().clone();
        answers.sort();
        run.require(
            answers == ["visitor 1", "visitor 2", "visitor 3"],
            format!("the answers are {answers:?}"),
            "a number of its own for each visitor, from 1 to 3",
            "During an `await` other visitors change the count. Take the number once, in one step.",
        );
        let mistake =
            "The lock is held while the ticket is printed, so the next visitor waits.";
        run.concurrently("printing", 3, mistake);
        run.takes(100.ms(), mistake);
    }
}
