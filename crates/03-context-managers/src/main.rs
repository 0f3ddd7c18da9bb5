//! Context managers: give back what you took, on every way out.
//! Run it: `cargo run -p context-managers`.

mod by_hand;
mod cancelled;
mod closure;
mod exits;
mod fallback;
mod impatient;
#[cfg(not(target_family = "wasm"))]
mod panics;
mod pool;
mod release;
mod reverse;
mod rollback;
mod second_cancel;
mod settled;
#[cfg(not(target_family = "wasm"))]
mod shutdown;
mod stale;
mod typestate;

use async_kit::{Chapter, native};

fn main() -> anyhow::Result<()> {
    Chapter::new("context-managers", "give back what you took, on every way out")
        .section("release", "keep the result, release, then return it", release::run)
        .section("cancelled", "nothing after a cancelled await happens", cancelled::run)
        .section("exits", "a scope releases once, on every way out", exits::run)
        .real_time("panics", "a panic leaves too, and releases", native!(panics::run))
        .real_time(
            "shutdown",
            "a runtime that ends waits for no release",
            native!(shutdown::run),
        )
        .section(
            "second_cancel",
            "a second cancel does not cut the release short",
            second_cancel::run,
        )
        .section("settled", "a timeout can wait for the release", settled::run)
        .section("reverse", "the innermost scope is released first", reverse::run)
        .section("rollback", "what was opened before a failure is closed", rollback::run)
        .section("closure", "a function lends a room to a closure", closure::run)
        .section("fallback", "a dropped guard hands its clean-up on", fallback::run)
        .section("typestate", "only a connection can be queried", typestate::run)
        .section("by_hand", "a semaphore, a list and a guard make a pool", by_hand::run)
        .section("pool", "a pool opens what is needed, up to its size", pool::run)
        .section("stale", "a connection is looked at when it is lent", stale::run)
        .section("impatient", "nobody waits for a pool for ever", impatient::run)
        .main()
}
