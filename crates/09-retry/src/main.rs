//! Retry: try again, but not always, not at once and not for ever. Run it: `cargo run -p retry`.

mod attempts;
mod backoff;
mod budget;
mod cancelled;
mod cause;
#[cfg(not(target_family = "wasm"))]
mod charge;
mod classify;
#[cfg(not(target_family = "wasm"))]
mod fetch;
#[cfg(not(target_family = "wasm"))]
mod flaky;
mod idempotency;
mod jitter;
mod layers;
mod limits;
#[cfg(not(target_family = "wasm"))]
mod reset;
mod retry_after;
#[cfg(not(target_family = "wasm"))]
mod retry_header;
#[cfg(not(target_family = "wasm"))]
mod status;

use async_kit::{Chapter, native};

fn main() -> anyhow::Result<()> {
    Chapter::new("retry", "try again, but not always, not at once and not for ever")
        .section(
            "attempts",
            "so many attempts and no more, and the last error comes out",
            attempts::run,
        )
        .section(
            "classify",
            "what may pass is tried again, a page that is missing is not",
            classify::run,
        )
        .section(
            "cause",
            "four reasons to give up, and each keeps the last cause",
            cause::run,
        )
        .section(
            "backoff",
            "a delay that grows asks less often, a maximum keeps it short",
            backoff::run,
        )
        .section(
            "jitter",
            "clients come back together, unless each draws its own delay",
            jitter::run,
        )
        .section(
            "limits",
            "a limit per attempt against what hangs, one in all for the job",
            limits::run,
        )
        .section(
            "cancelled",
            "a cancelled retry tries no more, in an attempt or in a pause",
            cancelled::run,
        )
        .section(
            "retry_after",
            "who is told when to come back calls twice, who guesses may call often",
            retry_after::run,
        )
        .section(
            "idempotency",
            "a lost answer is paid for twice, unless one key marks the purchase",
            idempotency::run,
        )
        .section(
            "budget",
            "in an outage attempts multiply the load, a budget adds a share",
            budget::run,
        )
        .section(
            "layers",
            "retries in every layer multiply, retries in one layer do not",
            layers::run,
        )
        .real_time(
            "flaky",
            "two refusals and an answer, over one connection",
            native!(flaky::run),
        )
        .real_time(
            "status",
            "404 once, 503 three times, and why nobody answered",
            native!(status::run),
        )
        .real_time(
            "reset",
            "an attempt ends with the last byte of the answer",
            native!(reset::run),
        )
        .real_time(
            "retry_header",
            "the server says when to come back",
            native!(retry_header::run),
        )
        .real_time(
            "charge",
            "a lost answer is paid for twice, or once with a key",
            native!(charge::run),
        )
        .speaks_http()
        .main()
}
