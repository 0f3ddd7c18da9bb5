//! web1 · 10 minutes · make a handler `Send`, so that axum accepts it
//!
//! The web server of a museum numbers its visitors and prints a ticket for each of them. It does not
//! compile: the compiler says of `enter` only that `Handler` is not implemented. With the attribute
//! `#[axum::debug_handler]` above `enter`, it names the value and the await. axum runs handlers on
//! several threads, so the future of a handler must be `Send`. Make it so. All visitors get different
//! numbers, also those at the back door, and no visitor waits for the ticket of another.
//!
//! Section: `cargo run -p web-server -- hello`. Code: crates/11-web-server/src/hello.rs.
//! Page: docs/src/11-web-server.md; "How to read a `Send` error" in docs/src/17-pitfalls.md.

use std::sync::{Arc, Mutex, MutexGuard};

use async_kit::{Lane, Millis, exercise, say};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    routing::get,
};
use tokio::{join, time::sleep};
use tower::ServiceExt;

type Visitors = Arc<Count>;

async fn enter(State(visitors): State<Visitors>) -> String {
    // TODO: which value is alive while the printer is awaited?
    let mut visitors = visitors.lock();
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
    fn lock(&self) -> MutexGuard<'_, u32> {
        let mut last = self.last.lock().unwrap();
        *last += 1;
        self.at_the_back_door.lock().unwrap().push(*last);
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
    let back_door = visitors.at_the_back_door.lock().unwrap().clone();
    (<[String; 3]>::from(answers).into(), back_door)
}

fn main() {
    exercise::show(run());
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, exercise};

    use super::run;

    #[test]
    fn each_visitor_gets_a_number_and_waits_for_no_other() {
        let run = exercise::observe(run());
        let (answers, back_door) = run.output();
        let others = back_door.iter().map(|number| format!("visitor {number}"));
        let mut all: Vec<_> = answers.iter().cloned().chain(others).collect();
        all.sort();
        all.dedup();
        run.require(
            all.len() == answers.len() + back_door.len(),
            format!("the answers are {answers:?}, and the back door has {back_door:?}"),
            "each number once",
            "While no lock is held, other visitors change the count: during an `await`, and also \
             between two locks. Take the number in one lock.",
        );
        let mistake =
            "The lock is held while the ticket is printed, so the next visitor waits.";
        run.concurrently("printing", 3, mistake);
        run.takes(100.ms(), mistake);
    }
}
