//! Timeouts: give up in time, and clean up when you do. Run it: `cargo run -p timeouts`.

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new("timeouts", "give up in time, and clean up when you do").main()
}
