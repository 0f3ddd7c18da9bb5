//! Tasks: start tasks, wait for them, and see every failure. Run it: `cargo run -p tasks`.

mod abort;
mod arrival;
mod background;
mod context;
mod detached;
mod fastest;
mod first_error;
mod first_success;
mod group;
mod handles;
mod join;
mod later;
mod lookalikes;
mod outcomes;
mod panics;
mod reasons;
mod risky;
mod steps;
mod teams;
mod waiting;
mod watched;

use async_kit::{Chapter, native};

fn main() -> anyhow::Result<()> {
    Chapter::new("tasks", "start tasks, wait for them, and see every failure")
        .section("steps", "dependent steps take the sum of their times", steps::run)
        .section("later", "a late await waits only for the remaining time", later::run)
        .section(
            "lookalikes",
            "a list of futures is not a list of tasks",
            lookalikes::run,
        )
        .section(
            "join",
            "join! overlaps futures and keeps their values in order",
            join::run,
        )
        .section(
            "arrival",
            "each result is processed as soon as it arrives",
            arrival::run,
        )
        .section(
            "outcomes",
            "each task ends with a value, an error or a cancellation",
            outcomes::run,
        )
        .section(
            "risky",
            "try_join_all stops at the first error, join_all does not",
            risky::run,
        )
        .section(
            "waiting",
            "wait with a timeout, for the first task, or for all tasks",
            waiting::run,
        )
        .section(
            "first_error",
            "the first error cancels the pending tasks",
            first_error::run,
        )
        .section(
            "fastest",
            "select! takes the first result and drops the others",
            fastest::run,
        )
        .section("first_success", "a failure does not win the race", first_success::run)
        .section(
            "background",
            "a background task stops when it is asked to",
            background::run,
        )
        .section("abort", "aborting a finished task changes nothing", abort::run)
        .section("handles", "a handle returns the value of its task once", handles::run)
        .section(
            "detached",
            "dropping a JoinHandle does not stop its task",
            detached::run,
        )
        .section("group", "a Group waits for the cleanup of its tasks", group::run)
        .section("teams", "each team has its own limit and its own deadline", teams::run)
        .section(
            "reasons",
            "a timeout or a failure is an error, never None",
            reasons::run,
        )
        .section("watched", "a monitor reports how each job ended", watched::run)
        .section("context", "a spawned task does not inherit task-locals", context::run)
        .real_time("panics", "a panic ends only its own task", native!(panics::run))
        .main()
}
