//! Timeouts: stop waiting at a deadline, and clean up afterwards. Run it: `cargo run -p timeouts`.

mod blocking;
mod budget;
mod cleanup;
mod cooperative;
mod limit;
mod losing;
mod nested;
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
    Chapter::new("timeouts", "stop waiting at a deadline, and clean up afterwards")
        .section("limit", "when a timeout expires, the work is dropped", limit::run)
        .section(
            "whose",
            "my timeout and a timeout inside the work have different types",
            whose::run,
        )
        .section("budget", "a timeout per step, or one deadline for all", budget::run)
        .section("nested", "the result shows which timeout expired", nested::run)
        .section("cleanup", "a slow cleanup does not delay the timeout", cleanup::run)
        .section(
            "shield",
            "a timeout around a handle does not stop its task",
            shield::run,
        )
        .section("reschedule", "only progress resets the timeout", reschedule::run)
        .section(
            "cooperative",
            "a stop request lets a task save, abort does not",
            cooperative::run,
        )
        .section("truth", "a finished task is not reported as cancelled", truth::run)
        .section(
            "shutdown",
            "jobs end within a grace period, or are cancelled",
            shutdown::run,
        )
        .section(
            "losing",
            "if select! restarts a read, the half that was read is lost",
            losing::run,
        )
        .section("ticks", "three ways to continue after a late tick", ticks::run)
        .section("tie", "at a tie, the future that is polled first wins", tie::run)
        .real_time(
            "blocking",
            "a timeout cannot interrupt code that does not await",
            native!(blocking::knobs => blocking::run),
        )
        .real_time(
            "over_http",
            "connect, read and total timeouts are three errors",
            native!(over_http::knobs => over_http::run),
        )
        .speaks_http()
        .main()
}
