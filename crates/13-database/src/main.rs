//! Database: pools, transactions, and what a cancel leaves behind. Run it: `cargo run -p database`.

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new("database", "pools, transactions, and what a cancel leaves behind")
        .main()
}
