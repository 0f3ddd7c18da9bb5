//! Files: many at once, bounded, atomic and never half read. Run it: `cargo run -p files`.

#[cfg(not(target_family = "wasm"))]
mod atomic;
#[cfg(not(target_family = "wasm"))]
mod cancelled;
#[cfg(not(target_family = "wasm"))]
mod child;
mod chunks;
#[cfg(not(target_family = "wasm"))]
mod copy;
#[cfg(not(target_family = "wasm"))]
mod errors;
#[cfg(not(target_family = "wasm"))]
mod fetch_first;
#[cfg(not(target_family = "wasm"))]
mod fifo;
#[cfg(not(target_family = "wasm"))]
mod flush;
#[cfg(not(target_family = "wasm"))]
mod hops;
mod lines;
#[cfg(not(target_family = "wasm"))]
mod one_thread;
#[cfg(not(target_family = "wasm"))]
mod pool;
#[cfg(not(target_family = "wasm"))]
mod read;
#[cfg(not(target_family = "wasm"))]
mod scoped;
#[cfg(not(target_family = "wasm"))]
mod sizes;
mod stages;
mod text;
#[cfg(not(target_family = "wasm"))]
mod upper;
#[cfg(not(target_family = "wasm"))]
mod walk;

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
        .section(
            "lines",
            "a line has a limit, and a slow handler is waited for",
            lines::run,
        )
        .section("stages", "reading, working and writing overlap", stages::run)
        .real_time("copy", "any size passes through one buffer", native!(copy::run))
        .real_time(
            "fifo",
            "an open that waits does not stop the loop",
            native!(fifo::run),
        )
        .real_time(
            "pool",
            "file operations share a pool with a bound",
            native!(pool::run),
        )
        .real_time("hops", "many small files: count the trips", native!(hops::run))
        .real_time("walk", "a tree, some folders at a time, no loops", native!(walk::run))
        .real_time("child", "a process is a stream of lines", native!(child::run))
        .main()
}
