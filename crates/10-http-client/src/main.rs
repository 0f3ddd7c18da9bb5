//! HTTP client: many requests through one client, bounded, timed and typed. Run it: `cargo run -p http-client`.

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new(
        "http-client",
        "many requests through one client, bounded, timed and typed",
    )
    .main()
}
