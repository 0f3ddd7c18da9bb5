//! Batching: do many things a few at a time, in bounded memory. Run it: `cargo run -p batching`.

mod in_order;
mod parallel;
mod rounds;
mod squares;
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
        .main()
}
