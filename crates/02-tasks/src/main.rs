//! Tasks: start things together, wait for them, and hear of every failure. Run it: `cargo run -p tasks`.

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new(
        "tasks",
        "start things together, wait for them, and hear of every failure",
    )
    .main()
}
