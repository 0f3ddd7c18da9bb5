//! Crawler: a polite, bounded and resumable crawler of web sites. Run it: `cargo run -p crawler`.

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new("crawler", "a polite, bounded and resumable crawler of web sites").main()
}
