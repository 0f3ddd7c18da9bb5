//! HTTP client: many requests through one client, bounded, timed and typed. Run it: `cargo run -p http-client`.

#[cfg(not(target_family = "wasm"))]
mod body;
#[cfg(not(target_family = "wasm"))]
mod bulk;
mod config;
#[cfg(not(target_family = "wasm"))]
mod endpoints;
#[cfg(not(target_family = "wasm"))]
mod fetch_error;
#[cfg(not(target_family = "wasm"))]
mod fetcher;
#[cfg(not(target_family = "wasm"))]
mod lookups;
mod names;
#[cfg(not(target_family = "wasm"))]
mod one_client;
#[cfg(not(target_family = "wasm"))]
mod pages;
#[cfg(not(target_family = "wasm"))]
mod pool;
#[cfg(not(target_family = "wasm"))]
mod prices;
#[cfg(not(target_family = "wasm"))]
mod site;
mod slots;
mod waiting;

use async_kit::{Chapter, native};

fn main() -> anyhow::Result<()> {
    Chapter::new(
        "http-client",
        "many requests through one client, bounded, timed and typed",
    )
    .real_time("one_client", "one client, one connection", native!(one_client::run))
    .real_time(
        "pages",
        "each page has a result of its own",
        native!(pages::knobs => pages::run),
    )
    .real_time("prices", "three prices, one round trip", native!(prices::run))
    .section("slots", "a busy host keeps no place from the others", slots::run)
    .real_time(
        "pool",
        "a pool limits what idles, not what works",
        native!(pool::knobs => pool::run),
    )
    .section("waiting", "to wait for a place is not to connect", waiting::run)
    .real_time("body", "a body is taken up to a limit", native!(body::run))
    .section("names", "a name is looked up once, whoever asks", names::run)
    .real_time("lookups", "five connections, one lookup", native!(lookups::run))
    .section("config", "a setting without effect is refused", config::run)
    .real_time("endpoints", "typed answers, or an error each", native!(endpoints::run))
    .real_time(
        "bulk",
        "every address is reported once",
        native!(bulk::knobs => bulk::run),
    )
    .real_time("site", "a real site, with --url https://…", native!(site::run))
    .speaks_http()
    .main()
}
