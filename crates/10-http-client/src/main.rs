//! HTTP client: many requests through one client, bounded, timed and typed. Run it: `cargo run -p http-client`.

mod body;
mod bounded_body;
mod bulk;
mod config;
mod endpoints;
mod fetch_error;
mod fetcher;
mod fetcher_config;
mod lookups;
mod name_cache;
mod names;
mod one_client;
mod pages;
mod pool;
mod prices;
mod request_slots;
mod resolver;
mod site;
mod slots;
mod waiting;

use async_kit::{Chapter, native};

fn main() -> anyhow::Result<()> {
    Chapter::new(
        "http-client",
        "many requests through one client, bounded, timed and typed",
    )
    .real_time(
        "one_client",
        "ten requests of one client reuse one connection",
        native!(one_client::run),
    )
    .real_time(
        "pages",
        "a failed page loses only its own result",
        native!(pages::knobs => pages::run),
    )
    .real_time(
        "prices",
        "four concurrent requests take one round trip",
        native!(prices::run),
    )
    .section(
        "slots",
        "acquire the host's slot first, or a slow host blocks the others",
        slots::run,
    )
    .real_time(
        "pool",
        "a pool limits idle connections, not requests",
        native!(pool::knobs => pool::run),
    )
    .section("waiting", "a wait for a slot needs its own timeout", waiting::run)
    .real_time("body", "a response body is read up to a limit", native!(body::run))
    .section("names", "within its time to live a name is looked up once", names::run)
    .real_time(
        "lookups",
        "a resolver with a cache saves four of five lookups",
        native!(lookups::run),
    )
    .section("config", "a setting without effect is refused", config::run)
    .real_time(
        "endpoints",
        "each endpoint returns a typed value or its own error",
        native!(endpoints::run),
    )
    .real_time(
        "bulk",
        "each URL has one result, and a slow host delays no other",
        native!(bulk::knobs => bulk::run),
    )
    .real_time(
        "site",
        "the same fetcher reads a real site: --url https://example.com",
        native!(site::run),
    )
    .speaks_http()
    .main()
}
