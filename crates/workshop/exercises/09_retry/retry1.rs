//! retry1 · 10 minutes · give a retry something that it can repeat
//!
//! A ticket printer is busy twice, and prints at the third attempt. `retry` makes up to three attempts, with
//! 100 ms between them, and returns what the last one returned. In Python a coroutine that was awaited cannot
//! be awaited again either, but you notice only when it runs: `RuntimeError: cannot reuse already awaited
//! coroutine`. Here the compiler refuses it (E0382). What can `retry` take instead of a future? Change its
//! parameter, and how `run` calls it.
//!
//! Section: `cargo run -p retry -- attempts`. Code: crates/09-retry/src/attempts.rs.
//! Page: docs/src/09-retry.md.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use async_kit::{Lane, Millis, exercise, say};
use tokio::time::sleep;

// TODO: a future runs only once.
async fn retry(
    attempt: impl Future<Output = Result<u32, &'static str>>,
) -> Result<u32, &'static str> {
    for _ in 1..=2 {
        if let Ok(ticket) = attempt.await {
            return Ok(ticket);
        }
        sleep(100.ms()).await;
    }
    attempt.await
}

async fn run(busy: u32) -> Result<u32, &'static str> {
    BUSY.store(busy, Relaxed);
    retry(print_ticket()).await
}

/// How often the printer is still busy.
static BUSY: AtomicU32 = AtomicU32::new(0);

/// Do not change it.
async fn print_ticket() -> Result<u32, &'static str> {
    sleep(20.ms()).step("printing").lane("printer").await;
    match BUSY.load(Relaxed) {
        0 => {
            say!("the ticket is printed");
            Ok(42)
        }
        left => {
            BUSY.store(left - 1, Relaxed);
            say!("the printer is busy");
            Err("busy")
        }
    }
}

fn main() {
    exercise::show(run(2));
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, exercise};

    use super::run;

    #[test]
    fn each_attempt_is_a_new_call() {
        // One test for both: the number of attempts that fail is in a static.
        let (run, broken) = (exercise::observe(run(2)), exercise::observe(run(4)));
        run.concurrently(
            "printing",
            1,
            "The attempts overlap: make one after the other.",
        );
        let calls = run.recording().lanes.len();
        run.require(
            calls == 3,
            format!("the printer is called {calls} times"),
            "it is called three times: busy, busy, printed",
            "`retry` makes three attempts, and each of them needs a new future: take a function that \
             returns a future, and call it for each attempt.",
        );
        run.returns(
            Ok(42),
            "The third attempt succeeds, and `retry` returns its ticket.",
        );
        run.takes(
            260.ms(),
            "Three attempts take 20 ms each, with 100 ms between two of them.",
        );
        let calls = broken.recording().lanes.len();
        broken.require(
            calls == 3,
            format!("a printer that is busy four times is called {calls} times"),
            "it is called three times",
            "`retry` goes on until an attempt succeeds. A printer that is broken would keep it busy \
             forever.",
        );
        broken
            .returns(Err("busy"), "The third attempt is the last one: return its error.");
    }
}
