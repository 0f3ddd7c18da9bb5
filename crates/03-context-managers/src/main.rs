//! Context managers: give back what you took, on every way out.
//! Run it: `cargo run -p context-managers`.

mod cancelled;
mod closure;
mod exits;
mod fallback;
#[cfg(not(target_family = "wasm"))]
mod panics;
mod release;
mod reverse;
mod rollback;
mod second_cancel;
#[cfg(not(target_family = "wasm"))]
mod shutdown;
mod typestate;

use async_kit::{Chapter, native};

fn main() -> anyhow::Result<()> {
    Chapter::new("context-managers", "give back what you took, on every way out")
        .section("release", "keep the result, release, then return it", release::run)
        .section("cancelled", "nothing after a cancelled await happens", cancelled::run)
        .section("exits", "a scope releases once, on every way out", exits::run)
        .section(
            "second_cancel",
            "a second cancel does not cut the release short",
            second_cancel::run,
        )
        .real_time("panics", "a panic releases as well", native!(panics::run))
        .real_time(
            "shutdown",
            "the end of a runtime waits for no release",
            native!(shutdown::run),
        )
        .section("reverse", "the innermost scope is released first", reverse::run)
        .section("rollback", "what was opened before a failure is closed", rollback::run)
        .section("closure", "a function that lends to a closure", closure::run)
        .section("fallback", "a dropped guard leaves a note", fallback::run)
        .section("typestate", "only a connection can be queried", typestate::run)
        .main()
}
