//! Context managers: release every resource on every exit.
//! Run it: `cargo run -p context-managers`.

mod by_hand;
mod cancelled;
mod closure;
mod exits;
mod fallback;
mod impatient;
mod panics;
mod pool;
mod release;
mod reverse;
mod rollback;
mod second_cancel;
mod settled;
mod shutdown;
mod stale;
mod typestate;

use async_kit::{Chapter, native};

fn main() -> anyhow::Result<()> {
    Chapter::new("context-managers", "release every resource on every exit")
        .section(
            "release",
            "release first, then return the value or the error",
            release::run,
        )
        .section("cancelled", "code after a cancelled await never runs", cancelled::run)
        .section("exits", "a scope releases once, on every exit", exits::run)
        .real_time(
            "panics",
            "a scope releases its resource after a panic too",
            native!(panics::run),
        )
        .real_time(
            "shutdown",
            "the end of a runtime drops unfinished releases",
            native!(shutdown::run),
        )
        .section(
            "second_cancel",
            "a second cancellation does not stop a release",
            second_cancel::run,
        )
        .section("settled", "a timeout can wait for the release", settled::run)
        .section("reverse", "the innermost scope is released first", reverse::run)
        .section(
            "rollback",
            "a failed acquisition releases what it acquired",
            rollback::run,
        )
        .section(
            "closure",
            "a function with a closure is a context manager",
            closure::run,
        )
        .section(
            "fallback",
            "a dropped guard sends its clean-up to a task",
            fallback::run,
        )
        .section("typestate", "only a connected database can be queried", typestate::run)
        .section("by_hand", "a semaphore, a list and a guard make a pool", by_hand::run)
        .section("pool", "a pool opens connections on demand, up to its size", pool::run)
        .section("stale", "a pool checks each connection at checkout", stale::run)
        .section(
            "impatient",
            "a timeout or a close ends the wait for a connection",
            impatient::run,
        )
        .main()
}
