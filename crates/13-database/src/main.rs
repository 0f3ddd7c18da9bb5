//! Database: pools, transactions, and what a cancel leaves behind. Run it: `cargo run -p database`.

#[cfg(not(target_family = "wasm"))]
mod begin;
#[cfg(not(target_family = "wasm"))]
mod cancelled;
#[cfg(test)]
mod cut;
#[cfg(not(target_family = "wasm"))]
mod database;
#[cfg(not(target_family = "wasm"))]
mod transaction;

use async_kit::{Chapter, native};

fn main() -> anyhow::Result<()> {
    Chapter::new("database", "pools, transactions, and what a cancel leaves behind")
        .real_time(
            "transaction",
            "what is not committed has not happened",
            native!(transaction::run),
        )
        .real_time(
            "cancelled",
            "a cancelled transaction has not happened",
            native!(cancelled::run),
        )
        .main()
}
