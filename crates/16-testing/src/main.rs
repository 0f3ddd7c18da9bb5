//! Testing: assert the order, the times and the concurrency, not only the values. Run it: `cargo run -p testing`.

mod budget;
mod by_poll;
mod fakes;
mod first_test;
mod flaky;
mod one_tick;
mod scripted_io;
mod silence;
mod time_out;
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
    .section("time_out", "a limit of an hour is tested in no time", time_out::run)
    .section("silence", "that nothing happens can be asserted", silence::run)
    .section("one_tick", "within one tick the order is no promise", one_tick::run)
    .section("budget", "a task that never waits is made to", budget::run)
    .section("by_poll", "one poll at a time, and who was woken", by_poll::run)
    .section("scripted_io", "a stream that plays a script", scripted_io::run)
    .section("flaky", "wait for the event, and not for a while", flaky::run)
    .main()
}
