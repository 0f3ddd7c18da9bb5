//! Retry: try again, but not always, not at once and not for ever. Run it: `cargo run -p retry`.

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new("retry", "try again, but not always, not at once and not for ever")
        .main()
}
