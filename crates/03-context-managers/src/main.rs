//! Context managers: give back what you took, on every way out. Run it: `cargo run -p context-managers`.

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new("context-managers", "give back what you took, on every way out").main()
}
