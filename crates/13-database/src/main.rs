//! Database: pools, transactions, and the state after a cancellation. Run it:
//! `cargo run -p database`.

mod accounts;
mod batch;
mod both_databases;
mod bulk;
mod cancel_safe_begin;
mod cancellation;
mod cancelled;
mod conflict;
mod database;
mod location;
mod migrations;
mod nested;
mod parameters;
mod pool;
mod stream;
mod threads;
mod transaction;
mod version;
mod writer;

use async_kit::{Chapter, native};

fn main() -> anyhow::Result<()> {
    Chapter::new("database", "pools, transactions, and the state after a cancellation")
        .real_time(
            "pool",
            "when all connections are in use, acquire waits until its timeout",
            native!(pool::run),
        )
        .section(
            "nested",
            "tasks that hold a connection and acquire a second one can deadlock",
            nested::run,
        )
        .real_time(
            "batch",
            "concurrent queries need a connection each, a transaction needs one",
            native!(batch::run),
        )
        .real_time(
            "parameters",
            "a bound parameter never becomes SQL",
            native!(parameters::run),
        )
        .real_time(
            "transaction",
            "without a commit, a transaction changes nothing",
            native!(transaction::run),
        )
        .real_time(
            "cancelled",
            "a cancelled transaction is rolled back",
            native!(cancelled::run),
        )
        .real_time(
            "conflict",
            "of two conflicting transactions, one is refused and retried",
            native!(conflict::run),
        )
        .real_time(
            "version",
            "a version number refuses an outdated change without a lock",
            native!(version::run),
        )
        .real_time(
            "writer",
            "SQLite has one writer, and readers do not wait for it",
            native!(writer::run),
        )
        .real_time(
            "threads",
            "SQLite blocks its thread, so each connection has a thread",
            native!(threads::run),
        )
        .real_time(
            "bulk",
            "inserts wait for round trips and commits, not for rows",
            native!(bulk::knobs => bulk::run),
        )
        .real_time(
            "stream",
            "rows are processed as they arrive",
            native!(stream::knobs => stream::run),
        )
        .real_time(
            "migrations",
            "a migration is applied once, and an edited one is refused",
            native!(migrations::run),
        )
        .main()
}
