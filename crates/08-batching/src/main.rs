//! Batching: do many things a few at a time, in bounded memory. Run it: `cargo run -p batching`.

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new("batching", "do many things a few at a time, in bounded memory").main()
}
