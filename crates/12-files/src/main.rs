//! Files: many files, a few at a time, each written completely or not at all. Run it:
//! `cargo run -p files`.

mod atomic;
mod cancelled;
mod child;
mod chunks;
mod copy;
mod errors;
mod fetch_first;
mod fifo;
mod flush;
mod hops;
mod lines;
mod pool;
mod scoped;
mod sizes;
mod stages;
mod text;
mod upper;
mod walk;

mod bounded_line;
mod one_blocking_thread;
mod text_file;
mod utf8;

use async_kit::{Chapter, native};

fn main() -> anyhow::Result<()> {
    Chapter::new(
        "files",
        "many files, a few at a time, each written completely or not at all",
    )
    .real_time("sizes", "ten open at a time, a result for each", native!(sizes::run))
    .section("text", "bytes become characters, or an error names the byte", text::run)
    .section("chunks", "a chunk may end in the middle of a character", chunks::run)
    .real_time("upper", "one file that fails stops no other", native!(upper::run))
    .real_time("errors", "an error names file, step and advice", native!(errors::run))
    .real_time("flush", "written bytes are certain after flush", native!(flush::run))
    .real_time("scoped", "flushed and closed, even if cancelled", native!(scoped::run))
    .real_time("atomic", "readers see the old file or the new", native!(atomic::run))
    .real_time("fetch_first", "a failure loses no content", native!(fetch_first::run))
    .real_time("cancelled", "a cancelled write may happen", native!(cancelled::run))
    .section("lines", "a line limit and a bounded queue bound memory", lines::run)
    .section("stages", "reading, working and writing overlap", stages::run)
    .real_time("copy", "a file of any size needs a small buffer", native!(copy::run))
    .real_time("fifo", "an open that blocks stops no other task", native!(fifo::run))
    .real_time("pool", "file operations share a bounded pool", native!(pool::run))
    .real_time("hops", "small files: pool calls cost the most", native!(hops::run))
    .real_time("walk", "a walk lists a few folders at a time", native!(walk::run))
    .real_time("child", "dropping its output kills the child", native!(child::run))
    .main()
}
