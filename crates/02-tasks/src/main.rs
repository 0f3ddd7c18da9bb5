//! Tasks: start things together, wait for them, and hear of every failure. Run it: `cargo run -p tasks`.

mod join;
mod later;
mod lookalikes;
mod steps;

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new(
        "tasks",
        "start things together, wait for them, and hear of every failure",
    )
    .section("steps", "steps that need each other take their sum", steps::run)
    .section("later", "a task starts now and is awaited later", later::run)
    .section("lookalikes", "a list of futures is not a list of tasks", lookalikes::run)
    .section("join", "parts overlap, their values stay in order", join::run)
    .main()
}
