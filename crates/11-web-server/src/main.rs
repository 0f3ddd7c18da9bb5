//! Web server: layered, limited, and gracefully stopped. Run it: `cargo run -p web-server`.

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new("web-server", "layered, limited, and gracefully stopped").main()
}
