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
        .real_time("sizes", "ten open at once, each with its result", native!(sizes::run))
        .section("text", "bytes become characters, or an error says where", text::run)
        .section("chunks", "a chunk may end in the middle of a character", chunks::run)
        .real_time("upper", "one file that fails stops no other", native!(upper::run))
        .real_time("errors", "which file, which step, what to do", native!(errors::run))
        .real_time("flush", "written is what was flushed", native!(flush::run))
        .real_time("scoped", "flushed and closed on every way out", native!(scoped::run))
        .real_time("atomic", "the old file or the new one, whole", native!(atomic::run))
        .real_time("fetch_first", "a failure costs no content", native!(fetch_first::run))
        .real_time("cancelled", "a cancelled write may happen", native!(cancelled::run))
        .section("lines", "a long line is left out, a slow handler awaited", lines::run)
        .section("stages", "reading, working and writing overlap", stages::run)
        .real_time("copy", "any size passes through one buffer", native!(copy::run))
        .real_time("fifo", "an open that waits stops no loop", native!(fifo::run))
        .real_time("pool", "file operations share a bounded pool", native!(pool::run))
        .real_time("hops", "many small files: the trips cost", native!(hops::run))
        .real_time("walk", "a tree, a few folders at a time", native!(walk::run))
        .real_time("child", "a process is lines, and then a status", native!(child::run))
        .main()
}
