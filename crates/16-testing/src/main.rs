//! Testing: assert the order, the times and the concurrency, not only the values. Run it: `cargo run -p testing`.

mod budget;
mod by_poll;
mod deadlock;
mod every_cut;
mod fakes;
mod first_test;
mod flaky;
mod mock_server;
mod one_tick;
mod orders;
mod panics;
mod properties;
mod scripted_io;
mod silence;
mod time_out;
mod together;
mod transcript;
mod verdict;
mod virtual_clock;

use async_kit::{Chapter, native};

fn main() -> anyhow::Result<()> {
    Chapter::new(
        "testing",
        "assert the order, the times and the concurrency, not only the values",
    )
    .section("first_test", "a test is a runtime and a body", first_test::run)
    .real_time(
        "virtual_clock",
        "a day of waiting costs no time",
        native!(virtual_clock::run),
    )
    .section("time_out", "a limit of an hour is tested in no time", time_out::run)
    .section("silence", "that nothing happens can be asserted", silence::run)
    .section("together", "five answers do not show that five ran at once", together::run)
    .section("fakes", "a trait takes a fake, and the compiler checks it", fakes::run)
    .section("scripted_io", "a protocol meets its bytes in any pieces", scripted_io::run)
    .real_time(
        "mock_server",
        "the server says what the client really did",
        native!(mock_server::run),
    )
    .section("one_tick", "within one tick the order is no promise", one_tick::run)
    .section("budget", "a task that never waits is made to", budget::run)
    .section("by_poll", "polled by hand, a future shows who wakes it", by_poll::run)
    .real_time(
        "transcript",
        "all that was said, by whom and when, is compared",
        native!(transcript::run),
    )
    .real_time(
        "every_cut",
        "a time-out never cuts where it hurts",
        native!(every_cut::run),
    )
    .real_time("deadlock", "who waits for ever is named at once", native!(deadlock::run))
    .real_time("panics", "a task's panic fails no test by itself", native!(panics::run))
    .section("flaky", "wait for the event, and not for a while", flaky::run)
    .real_time(
        "properties",
        "a machine finds the smallest case that fails",
        native!(properties::run),
    )
    .real_time("orders", "right in one order, tried in a hundred", native!(orders::run))
    .main()
}
