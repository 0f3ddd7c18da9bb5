//! Iterators: streams that lose nothing and overlap where they should. Run it: `cargo run -p iterators`.

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new("iterators", "streams that lose nothing and overlap where they should")
        .main()
}
