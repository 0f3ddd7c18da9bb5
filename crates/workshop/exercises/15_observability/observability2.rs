//! observability2 · 10 minutes · port a log whose lines name their request, in spawned tasks too
//!
//! The program in asyncio (`asyncio/observability2.py`):
//!
//! ```python
//! request = ContextVar("request")
//!
//! def log(text):
//!     print(f"request {request.get()} {text}")
//!
//! async def receipt():
//!     await asyncio.sleep(0.03)
//!     log("mails the receipt")
//!
//! async def handle(number, bank, receipts):
//!     request.set(number)
//!     log("charges the card")
//!     await asyncio.sleep(bank)
//!     receipts.create_task(receipt())
//!     log("is answered")
//!
//! async def main():
//!     async with asyncio.TaskGroup() as receipts:
//!         await asyncio.gather(handle(7, 0.02, receipts), handle(8, 0.04, receipts))
//!         print("all requests are answered")
//!     print("all receipts are mailed")
//! ```
//!
//! Write it in Rust: it must print the same lines at the same times. A `ContextVar` becomes a
//! task-local. An answered request does not wait for its receipt: a task sends it later.
//!
//! Section: `cargo run -p observability -- follow`. Code: crates/15-observability/src/follow.rs.
//! Page: docs/src/15-observability.md.

use async_kit::{Millis, exercise, say};
use tokio::{join, task_local, time::sleep};
use tokio_util::task::TaskTracker;

task_local! {
    static REQUEST: u32;
}

/// Given code: do not change it.
fn log(text: &str) {
    match REQUEST.try_with(|number| *number) {
        Ok(number) => say!("request {number} {text}"),
        Err(_) => say!("request unknown {text}"),
    }
}

/// Given code: do not change it.
async fn receipt() {
    sleep(30.ms()).await;
    log("mails the receipt");
}

/// Handles one request; `bank` is how long the bank takes, in milliseconds.
async fn handle(bank: u64, receipts: &TaskTracker) {
    log("charges the card");
    // TODO: write the rest. The receipt is not sent before the bank has answered.
    receipts.spawn(receipt());
}

async fn run() {
    let receipts = TaskTracker::new();
    // TODO: give each of the two requests its number.
    join!(handle(20, &receipts), handle(40, &receipts));
    say!("all requests are answered");
    // TODO: wait for the receipts.
    say!("all receipts are mailed");
}

fn main() {
    exercise::show(run());
}

#[cfg(test)]
mod tests {
    use async_kit::exercise;

    use super::run;

    #[test]
    fn it_prints_what_asyncio_prints() {
        let run = exercise::observe_or(
            run(),
            "`wait` of a `TaskTracker` returns only after `close`.",
        );
        let unknown = run.lines().iter().find(|line| line.text.contains("unknown"));
        run.require(
            unknown.is_none(),
            unknown.map_or(String::new(), ToString::to_string),
            "each line names its request",
            "`create_task` copies the context, and `tokio::spawn` copies nothing. Each \
             future that is spawned or joined has a task-local only inside a `scope` of \
             its own.",
        );
        let of = |number| {
            let request = format!("request {number} ");
            run.lines().iter().filter(|line| line.text.starts_with(&request)).count()
        };
        run.require(
            of(7) <= 3 && of(8) <= 3,
            format!("{} lines name request 7, and {} name request 8", of(7), of(8)),
            "three lines name each request",
            "Each request has a scope with its own number, and a receipt has the number of the \
             request that spawns it.",
        );
        run.prints_like_asyncio(
            include_str!("../../transcripts/observability2.txt"),
            "After the bank has answered, `handle` spawns the receipt and does not wait for \
             it; only `run` waits, at its end. A `TaskTracker` must be closed before it can \
             end.",
        );
    }
}
