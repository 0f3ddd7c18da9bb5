//! Coroutines: what an async fn is, and when it runs. Run it: `cargo run -p coroutines`.

mod blocking;
mod by_hand;
mod calls;
mod executor;
mod into_future;
mod lazy;
mod parallel;
mod recorded;
mod runtime;
mod shared;
mod start_now;
mod together;
mod ways_in;

use async_kit::{Chapter, native};

fn main() -> anyhow::Result<()> {
    Chapter::new("coroutines", "what an async fn is, and when it runs")
        .real_time(
            "blocking",
            "a blocking sleep blocks the whole event loop",
            native!(blocking::run),
        )
        .section(
            "together",
            "two concurrent waits take as long as the longer one",
            together::run,
        )
        .section("calls", "an async fn awaits another and returns a value", calls::run)
        .section("lazy", "a future does nothing until it is polled", lazy::run)
        .section(
            "start_now",
            "a spawned task starts without being awaited",
            start_now::run,
        )
        .section(
            "by_hand",
            "an async fn is a state machine you could write",
            by_hand::run,
        )
        .section("executor", "an event loop is a queue that wakers refill", executor::run)
        .section(
            "shared",
            "a future is awaited once, a shared future many times",
            shared::run,
        )
        .section(
            "into_future",
            "a value with IntoFuture can be awaited directly",
            into_future::run,
        )
        .real_time("ways_in", "three ways to run a future", native!(ways_in::run))
        .real_time(
            "runtime",
            "a runtime is a value, built and shut down",
            native!(runtime::run),
        )
        .real_time(
            "parallel",
            "tasks take turns on one thread, run in parallel on many",
            native!(parallel::knobs => parallel::run),
        )
        .main()
}
