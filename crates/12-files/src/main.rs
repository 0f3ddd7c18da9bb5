//! Files: many at once, bounded, atomic and never half read. Run it: `cargo run -p files`.

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new("files", "many at once, bounded, atomic and never half read").main()
}
