//! Retry: try again, but not always, not immediately and not forever. Run it: `cargo run -p retry`.

mod attempts;
mod backoff;
mod budget;
mod cancelled;
mod cause;
mod charge;
mod classify;
mod flaky;
mod http_policy;
mod idempotency;
mod jitter;
mod layers;
mod limits;
mod report;
mod reset;
mod retry_after;
mod retry_header;
mod status;

use async_kit::{Chapter, native};

fn main() -> anyhow::Result<()> {
    Chapter::new("retry", "try again, but not always, not immediately and not forever")
        .section(
            "attempts",
            "a limited number of attempts, then the last error",
            attempts::run,
        )
        .section("classify", "a 503 is retried, a 404 and a bug are not", classify::run)
        .section(
            "cause",
            "four reasons to give up, and each error keeps the cause",
            cause::run,
        )
        .section("backoff", "doubled delays mean fewer requests", backoff::run)
        .section("jitter", "with equal delays all clients retry together", jitter::run)
        .section("limits", "a time limit per attempt, and one in total", limits::run)
        .section(
            "cancelled",
            "a cancelled retry makes no further attempt",
            cancelled::run,
        )
        .section(
            "retry_after",
            "the server's hint replaces the client's delay",
            retry_after::run,
        )
        .section("idempotency", "one key per purchase, one charge", idempotency::run)
        .section("budget", "a retry budget limits the load in an outage", budget::run)
        .section("layers", "retries in every layer multiply", layers::run)
        .real_time(
            "flaky",
            "all attempts of one client share a connection",
            native!(flaky::knobs => flaky::run),
        )
        .real_time(
            "status",
            "a 404 is requested once, a 503 three times",
            native!(status::run),
        )
        .real_time("reset", "an attempt includes reading the body", native!(reset::run))
        .real_time(
            "retry_header",
            "the client never retries before Retry-After",
            native!(retry_header::knobs => retry_header::run),
        )
        .real_time(
            "charge",
            "over HTTP too, one key means one charge",
            native!(charge::knobs => charge::run),
        )
        .speaks_http()
        .main()
}
