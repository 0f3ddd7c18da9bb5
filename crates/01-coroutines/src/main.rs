//! Coroutines: what an async fn is, and when it runs. Run it: `cargo run -p coroutines`.

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new("coroutines", "what an async fn is, and when it runs").main()
}
