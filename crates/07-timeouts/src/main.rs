//! Timeouts: give up in time, and clean up when you do. Run it: `cargo run -p timeouts`.

#[cfg(not(target_family = "wasm"))]
mod blocking;
mod budget;
mod cleanup;
mod cooperative;
mod limit;
mod losing;
mod nested;
#[cfg(not(target_family = "wasm"))]
mod over_http;
mod reschedule;
mod shield;
mod shutdown;
mod ticks;
mod tie;
mod truth;
mod whose;

use async_kit::{Chapter, native};

fn main() -> anyhow::Result<()> {
    Chapter::new("timeouts", "give up in time, and clean up when you do")
        .section("limit", "at its limit a wait ends, and so does the work", limit::run)
        .section("whose", "my limit and their timeout are two types", whose::run)
        .section("budget", "one budget for the job, or one per step", budget::run)
        .section("nested", "of two limits, the result says which one fired", nested::run)
        .section("cleanup", "a slow cleanup does not delay the limit", cleanup::run)
        .section("shield", "give up the wait, and not the work", shield::run)
        .section("reschedule", "a limit that only progress renews", reschedule::run)
        .section(
            "cooperative",
            "asked, a task may save; aborted, it may not",
            cooperative::run,
        )
        .section("truth", "a task that had ended is not called cancelled", truth::run)
        .section("shutdown", "every job may end, within the grace", shutdown::run)
        .section("losing", "a read begun anew on every turn loses its half", losing::run)
        .section("ticks", "after a late tick: catch up, start anew or skip", ticks::run)
        .section("tie", "ready in the very millisecond: the work wins", tie::run)
        .real_time(
            "blocking",
            "no limit interrupts code that does not await",
            native!(blocking::knobs => blocking::run),
        )
        .real_time(
            "over_http",
            "connect, read and total limits, told apart",
            native!(over_http::knobs => over_http::run),
        )
        .speaks_http()
        .main()
}
