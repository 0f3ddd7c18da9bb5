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
        .section("attempts", "so many attempts, then the last error", attempts::run)
        .section("classify", "what may pass is tried again, a 404 is not", classify::run)
        .section("cause", "four reasons to give up, and the cause is kept", cause::run)
        .section("backoff", "growing delays ask less, up to a maximum", backoff::run)
        .section("jitter", "equal delays keep a crowd together", jitter::run)
        .section("limits", "one limit per attempt, and one for them all", limits::run)
        .section("cancelled", "a cancelled retry tries no more", cancelled::run)
        .section("retry_after", "a client that listens need not guess", retry_after::run)
        .section("idempotency", "one key, and it is paid for once", idempotency::run)
        .section("budget", "a budget bounds the load of an outage", budget::run)
        .section("layers", "retries multiply, unless one layer retries", layers::run)
        .real_time(
            "flaky",
            "three requests over one connection",
            native!(flaky::knobs => flaky::run),
        )
        .real_time("status", "404 once, 503 three times", native!(status::run))
        .real_time("reset", "an attempt ends with the last byte", native!(reset::run))
        .real_time(
            "retry_header",
            "the server says when",
            native!(retry_header::knobs => retry_header::run),
        )
        .real_time(
            "charge",
            "over HTTP too, one key pays once",
            native!(charge::knobs => charge::run),
        )
        .speaks_http()
        .main()
}
