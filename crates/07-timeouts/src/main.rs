//! Timeouts: give up in time, and clean up when you do. Run it: `cargo run -p timeouts`.

mod budget;
mod cleanup;
mod limit;
mod nested;
mod whose;

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new("timeouts", "give up in time, and clean up when you do")
        .section("limit", "at its limit a wait ends, and so does the work", limit::run)
        .section("whose", "my limit and their timeout are two types", whose::run)
        .section("budget", "one budget for the job, or one per step", budget::run)
        .section("nested", "of two limits, the result says which one fired", nested::run)
        .section("cleanup", "a slow cleanup does not delay the limit", cleanup::run)
        .main()
}
