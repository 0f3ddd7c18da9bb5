//! Batching: do many things a few at a time, in bounded memory. Run it: `cargo run -p batching`.

mod batcher;
mod chunks;
mod delay;
mod in_order;
mod limits;
mod million;
#[cfg(not(target_family = "wasm"))]
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
        .section("parallel", "no more batches at once than you allow", parallel::run)
        .section("rounds", "each round waits for its slowest job", rounds::run)
        .section("window", "no place is empty while jobs are left", window::run)
        .section("in_order", "to keep order, all wait for the slowest", in_order::run)
        .section("results", "a bad item costs one result, its own", results::run)
        .section("chunks", "a long series, and a few chunks in memory", chunks::run)
        .section("pull", "a slow reader slows the source down", pull::run)
        .section("stalled", "what nobody polls stands still", stalled::run)
        .section("million", "a million items, one window at a time", million::run)
        .section("delay", "a batch leaves when it is full, or old enough", delay::run)
        .section("batcher", "strangers share a request, not its answers", batcher::run)
        .section("limits", "whatever happens, every item has a result", limits::run)
        .section("zero", "a limit of zero hangs, or is no limit at all", zero::run)
        .real_time(
            "over_http",
            "many items in few requests",
            native!(over_http::knobs => over_http::run),
        )
        .speaks_http()
        .main()
}
