//! Testing: assert the order, the times and the concurrency, not only the values. Run it: `cargo run -p testing`.

mod budget;
mod fakes;
mod first_test;
mod one_tick;
mod together;

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new(
        "testing",
        "assert the order, the times and the concurrency, not only the values",
    )
    .section("first_test", "a test is a runtime and a body", first_test::run)
    .section("together", "five answers do not show that five ran at once", together::run)
    .section("fakes", "a trait takes a fake, and the compiler checks it", fakes::run)
    .section("one_tick", "within one tick the order is no promise", one_tick::run)
    .section("budget", "a task that never waits is made to", budget::run)
    .main()
}
