//! Observability: see what a program does while it does it. Run it: `cargo run -p observability`.

mod captured_log;
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
    // The subscriber is installed first, because an event without a subscriber is lost.
    logs::init();
    Chapter::new("observability", "see what a program does while it does it")
        .section("timed", "each call logs how it ended and how long it took", timed::run)
        .section("levels", "without a subscriber tracing shows nothing", levels::run)
        .section("spans", "every event in a span is logged with its fields", spans::run)
        .section(
            "follow",
            "a spawned task is outside the span of its parent",
            follow::run,
        )
        .section(
            "held",
            "a guard held across an await tags other tasks' events",
            held::run,
        )
        .section("polls", "a span is entered at every poll of its future", polls::run)
        .section(
            "json_lines",
            "in JSON a logged value cannot look like a second event",
            json_lines::run,
        )
        .real_time(
            "writer",
            "a slow log blocks no task and counts dropped lines",
            native!(writer::run),
        )
        .real_time(
            "metrics",
            "metrics show busy time, a probe shows late wake-ups",
            native!(metrics::run),
        )
        .main()
}
