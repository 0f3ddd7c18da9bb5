//! Batching: do many things a few at a time, in bounded memory. Run it: `cargo run -p batching`.

mod chunks;
mod in_order;
mod parallel;
mod pull;
mod results;
mod rounds;
mod squares;
mod stalled;
mod window;

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new("batching", "do many things a few at a time, in bounded memory")
        .section(
            "parallel",
            "batches side by side, their items one by one, never more than three batches",
            parallel::run,
        )
        .section("rounds", "each round waits for its slowest job", rounds::run)
        .section("window", "the same jobs, and no place is ever empty", window::run)
        .section(
            "in_order",
            "a window that keeps order waits behind its slowest",
            in_order::run,
        )
        .section("results", "a bad item costs one result, its own", results::run)
        .section(
            "chunks",
            "a long series goes through, five chunks in memory",
            chunks::run,
        )
        .section("pull", "nothing is read before somebody wants it", pull::run)
        .section("stalled", "what nobody polls stands still", stalled::run)
        .main()
}
