//! Web server: layered, limited, and gracefully stopped. Run it: `cargo run -p web-server`.

mod app;
mod hang_up;
mod hello;
mod layers;
mod local_server;
mod panics;
mod rate;
mod refusals;
mod repository;
mod router_client;
mod shutdown;
mod slots;
mod slow_client;

use async_kit::{Chapter, native};

fn main() -> anyhow::Result<()> {
    #[cfg(not(target_family = "wasm"))]
    app::command::serve_from_args();
    Chapter::new("web-server", "layered, limited, gracefully stopped; try --serve 8080")
        .real_time(
            "hello",
            "fifty concurrent requests take no longer than one",
            native!(hello::run),
        )
        .section(
            "layers",
            "a missing user becomes a 404 on its way through repository, service and handler",
            layers::run,
        )
        .real_time(
            "repository",
            "the fake and the database pass the same tests",
            native!(repository::run),
        )
        .real_time(
            "refusals",
            "every error has a status, headers and a JSON body of one shape",
            native!(refusals::run),
        )
        .section("slots", "a full server answers 503 immediately", slots::run)
        .section("slow_client", "a slow client occupies no slot", slow_client::run)
        .section("rate", "a client over its rate gets a 429 with Retry-After", rate::run)
        .real_time(
            "panics",
            "if a handler panics, its client gets a 500",
            native!(panics::run),
        )
        .real_time(
            "hang_up",
            "a client that disconnects cancels its handler",
            native!(hang_up::run),
        )
        .real_time(
            "shutdown",
            "a graceful shutdown waits for requests, at most the grace period",
            native!(shutdown::run),
        )
        .main()
}
