//! Files: many at once, bounded, atomic and never half read. Run it: `cargo run -p files`.

#[cfg(not(target_family = "wasm"))]
mod atomic;
#[cfg(not(target_family = "wasm"))]
mod cancelled;
mod chunks;
#[cfg(not(target_family = "wasm"))]
mod errors;
#[cfg(not(target_family = "wasm"))]
mod fetch_first;
#[cfg(not(target_family = "wasm"))]
mod flush;
#[cfg(not(target_family = "wasm"))]
mod one_thread;
#[cfg(not(target_family = "wasm"))]
mod read;
#[cfg(not(target_family = "wasm"))]
mod scoped;
#[cfg(not(target_family = "wasm"))]
mod sizes;
mod text;
#[cfg(not(target_family = "wasm"))]
mod upper;

use async_kit::{Chapter, native};

fn main() -> anyhow::Result<()> {
    Chapter::new("files", "many at once, bounded, atomic and never half read")
        .real_time(
            "sizes",
            "ten files are open at once, and each has its result",
            native!(sizes::run),
        )
        .section(
            "text",
            "bytes become characters, or an error that says where",
            text::run,
        )
        .section("chunks", "a chunk may end in the middle of a character", chunks::run)
        .real_time(
            "upper",
            "read, change, write: a failure stops no other file",
            native!(upper::run),
        )
        .real_time(
            "errors",
            "which file, which step, and what to do",
            native!(errors::run),
        )
        .real_time("flush", "written is what was flushed", native!(flush::run))
        .real_time(
            "scoped",
            "a file in a scope is flushed on every way out",
            native!(scoped::run),
        )
        .real_time(
            "atomic",
            "a reader sees the old file or the new one, whole",
            native!(atomic::run),
        )
        .real_time(
            "fetch_first",
            "a request that fails costs no old file",
            native!(fetch_first::run),
        )
        .real_time(
            "cancelled",
            "a cancelled write may go on; an atomic one does not",
            native!(cancelled::run),
        )
        .main()
}
