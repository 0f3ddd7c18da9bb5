//! Web server: layered, limited, and gracefully stopped. Run it: `cargo run -p web-server`.

#[cfg_attr(target_family = "wasm", allow(dead_code, reason = "the rest needs sockets"))]
mod app;
mod ask;
#[cfg(not(target_family = "wasm"))]
mod hang_up;
#[cfg(not(target_family = "wasm"))]
mod hello;
mod layers;
#[cfg(not(target_family = "wasm"))]
mod live;
#[cfg(not(target_family = "wasm"))]
mod panics;
mod rate;
#[cfg(not(target_family = "wasm"))]
mod refusals;
#[cfg(not(target_family = "wasm"))]
mod repository;
#[cfg(not(target_family = "wasm"))]
mod shutdown;
mod slots;
mod slow_client;

use async_kit::{Chapter, native};

fn main() -> anyhow::Result<()> {
    #[cfg(not(target_family = "wasm"))]
    app::command::serve_if_asked();
    Chapter::new("web-server", "layered, limited, gracefully stopped; try --serve 8080")
        .real_time("hello", "fifty requests take no longer than one", native!(hello::run))
        .section("layers", "three layers make a missing user a 404", layers::run)
        .real_time(
            "repository",
            "the fake and the database keep the same promises",
            native!(repository::run),
        )
        .real_time(
            "refusals",
            "a client is told what it can act on",
            native!(refusals::run),
        )
        .section("slots", "a full server says no at once", slots::run)
        .section("slow_client", "a slow client sits in no slot", slow_client::run)
        .section("rate", "who asks too often is told when to come back", rate::run)
        .real_time("panics", "a panic costs its client a 500", native!(panics::run))
        .real_time(
            "hang_up",
            "a client that leaves takes its handler along",
            native!(hang_up::run),
        )
        .real_time(
            "shutdown",
            "what is in flight ends, and nothing new begins",
            native!(shutdown::run),
        )
        .main()
}
