//! Observability: see what a program does while it does it. Run it: `cargo run -p observability`.

mod captured;
mod follow;
mod held;
mod json_lines;
mod levels;
mod logs;
mod metrics;
mod polls;
mod spans;
mod timed;
mod writer;

use async_kit::{Chapter, native};

fn main() -> anyhow::Result<()> {
    // First of all, as in every program: what is logged before it is lost.
    logs::init();
    Chapter::new("observability", "see what a program does while it does it")
        .section("timed", "done, failed or cancelled: each is told by name", timed::run)
        .section("levels", "who shows what is a choice, made once", levels::run)
        .section("spans", "every line says which request it belongs to", spans::run)
        .section(
            "follow",
            "a spawned task is outside the span of its parent",
            follow::run,
        )
        .section("held", "a span held across an await names the wrong one", held::run)
        .section("polls", "a span is entered when a lane is polled", polls::run)
        .section(
            "json_lines",
            "a line of JSON is an event, and nothing forges one",
            json_lines::run,
        )
        .real_time(
            "writer",
            "a slow log stops nobody, and loses nothing unsaid",
            native!(writer::run),
        )
        .real_time(
            "metrics",
            "the runtime knows how busy it is, and a nap how late",
            native!(metrics::run),
        )
        .main()
}
