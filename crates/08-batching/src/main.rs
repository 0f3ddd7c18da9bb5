//! Batching: do many things a few at a time, in bounded memory. Run it: `cargo run -p batching`.

mod batcher;
mod chunks;
mod delay;
mod in_order;
mod limits;
mod million;
mod over_http;
mod parallel;
mod pull;
mod results;
mod rounds;
mod squares;
mod stalled;
mod window;
mod zero;

use async_kit::{Chapter, native};

fn main() -> anyhow::Result<()> {
    Chapter::new("batching", "do many things a few at a time, in bounded memory")
        .section(
            "parallel",
            "you choose how many batches run concurrently",
            parallel::run,
        )
        .section("rounds", "each round waits for its slowest job", rounds::run)
        .section("window", "no slot is empty while jobs are left", window::run)
        .section("in_order", "an ordered window waits for its oldest job", in_order::run)
        .section("results", "a bad item loses only its own result", results::run)
        .section("chunks", "a long series, with few chunks in memory", chunks::run)
        .section("pull", "a slow consumer slows the source down", pull::run)
        .section("stalled", "a future that is not polled makes no progress", stalled::run)
        .section("million", "a million items, one window of them in memory", million::run)
        .section(
            "delay",
            "a batch is written when it is full, or after a delay",
            delay::run,
        )
        .section("batcher", "independent callers share one request", batcher::run)
        .section("limits", "every item has a result, even a stopped one", limits::run)
        .section("zero", "a limit of zero hangs, or limits nothing", zero::run)
        .real_time(
            "over_http",
            "many items in few requests",
            native!(over_http::knobs => over_http::run),
        )
        .speaks_http()
        .main()
}
