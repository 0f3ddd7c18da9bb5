//! HTTP client: many requests through one client, bounded, timed and typed. Run it: `cargo run -p http-client`.

mod slots;
mod waiting;

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new(
        "http-client",
        "many requests through one client, bounded, timed and typed",
    )
    .section("slots", "a busy host keeps no place from the others", slots::run)
    .section("waiting", "to wait for a place is not to connect", waiting::run)
    .main()
}
