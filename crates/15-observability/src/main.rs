//! Observability: see what a program does while it does it. Run it: `cargo run -p observability`.

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new("observability", "see what a program does while it does it").main()
}
