//! Pitfalls: each wrong way beside the right one, both run and measured. Run it: `cargo run -p pitfalls`.

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new("pitfalls", "each wrong way beside the right one, both run and measured")
        .main()
}
