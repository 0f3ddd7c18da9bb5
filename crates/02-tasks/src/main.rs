//! Tasks: start things together, wait for them, and hear of every failure. Run it: `cargo run -p tasks`.

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
#[cfg(not(target_family = "wasm"))]
mod panics;
mod reasons;
mod risky;
mod steps;
mod teams;
mod waiting;
mod watched;

use async_kit::{Chapter, native};

fn main() -> anyhow::Result<()> {
    Chapter::new(
        "tasks",
        "start things together, wait for them, and hear of every failure",
    )
    .section("steps", "steps that need each other take their sum", steps::run)
    .section("later", "a late await waits only for what is left", later::run)
    .section("lookalikes", "a list of futures is not a list of tasks", lookalikes::run)
    .section("join", "parts overlap, their values stay in order", join::run)
    .section("arrival", "no result waits for the slowest", arrival::run)
    .section(
        "outcomes",
        "value, error or cancelled: every task says which",
        outcomes::run,
    )
    .section("risky", "one error stops the others, or none", risky::run)
    .section("waiting", "wait for a while, for the first, for the rest", waiting::run)
    .section("first_error", "the first error cancels what is pending", first_error::run)
    .section("fastest", "the first one wins, the others are dropped", fastest::run)
    .section("first_success", "a failure does not win the race", first_success::run)
    .section("background", "a background task ends when asked to", background::run)
    .section("abort", "an abort may come too late", abort::run)
    .section("handles", "a handle tells its state and gives one value", handles::run)
    .section("detached", "a dropped handle ends nothing", detached::run)
    .section("group", "a group waits for its children's cleanup", group::run)
    .section("teams", "each team has its own limit and end", teams::run)
    .section("reasons", "too late and failed are reasons, never None", reasons::run)
    .section("watched", "a monitor tells what became of each job", watched::run)
    .section("context", "a spawned task inherits no context", context::run)
    .real_time("panics", "a panic ends its own task and no other", native!(panics::run))
    .main()
}
