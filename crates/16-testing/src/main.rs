//! Testing: assert the order, the times and the concurrency, not only the values. Run it: `cargo run -p testing`.

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new(
        "testing",
        "assert the order, the times and the concurrency, not only the values",
    )
    .main()
}
