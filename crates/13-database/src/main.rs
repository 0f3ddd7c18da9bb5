//! Database: pools, transactions, and what a cancel leaves behind. Run it: `cargo run -p database`.

#[cfg(not(target_family = "wasm"))]
mod batch;
#[cfg(not(target_family = "wasm"))]
mod begin;
#[cfg(not(target_family = "wasm"))]
mod bulk;
#[cfg(not(target_family = "wasm"))]
mod cancelled;
#[cfg(not(target_family = "wasm"))]
mod conflict;
#[cfg(test)]
mod cut;
#[cfg(not(target_family = "wasm"))]
mod database;
#[cfg(not(target_family = "wasm"))]
mod migrations;
mod nested;
#[cfg(test)]
mod on_both;
#[cfg(not(target_family = "wasm"))]
mod parameters;
#[cfg(not(target_family = "wasm"))]
mod place;
#[cfg(not(target_family = "wasm"))]
mod pool;
#[cfg(not(target_family = "wasm"))]
mod stream;
#[cfg(not(target_family = "wasm"))]
mod threads;
#[cfg(not(target_family = "wasm"))]
mod transaction;
#[cfg(not(target_family = "wasm"))]
mod version;
#[cfg(not(target_family = "wasm"))]
mod writer;

use async_kit::{Chapter, native};

fn main() -> anyhow::Result<()> {
    Chapter::new("database", "pools, transactions, and what a cancel leaves behind")
        .real_time(
            "pool",
            "a pool lends up to its limit, and one may wait for a while",
            native!(pool::run),
        )
        .section(
            "nested",
            "who holds one and asks for two may wait for ever",
            nested::run,
        )
        .real_time(
            "batch",
            "at once needs a connection each, and in turn needs one",
            native!(batch::run),
        )
        .real_time(
            "parameters",
            "what a user types never becomes SQL",
            native!(parameters::run),
        )
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
        .real_time(
            "conflict",
            "of two that read and then write, one tries again",
            native!(conflict::run),
        )
        .real_time(
            "version",
            "a change to an old text is refused, and no lock is held",
            native!(version::run),
        )
        .real_time(
            "writer",
            "SQLite has one writer, and readers need not wait for it",
            native!(writer::run),
        )
        .real_time(
            "threads",
            "SQLite blocks its thread, so each connection has one",
            native!(threads::run),
        )
        .real_time(
            "bulk",
            "many rows cost as many answers as one waits for",
            native!(bulk::knobs => bulk::run),
        )
        .real_time(
            "stream",
            "rows are worked on as they come",
            native!(stream::knobs => stream::run),
        )
        .real_time(
            "migrations",
            "each migration is applied once, and never changes",
            native!(migrations::run),
        )
        .main()
}
