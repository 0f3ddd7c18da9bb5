//! Testing: assert the order, the times and the concurrency, not only the values. Run it: `cargo run -p testing`.

mod budget;
mod by_poll;
mod deadlock;
mod every_cut;
mod fakes;
mod first_test;
mod flaky;
mod harness;
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

mod virtual_clock;

use async_kit::{Chapter, native};

fn main() -> anyhow::Result<()> {
    Chapter::new(
        "testing",
        "assert the order, the times and the concurrency, not only the values",
    )
    .section(
        "first_test",
        "an async test blocks on its body in a new runtime",
        first_test::run,
    )
    .real_time(
        "virtual_clock",
        "in virtual time a day of waiting takes no time",
        native!(virtual_clock::run),
    )
    .section("time_out", "a timeout of an hour is tested without waiting", time_out::run)
    .section("silence", "a test asserts that something does not happen", silence::run)
    .section("together", "five results do not prove five concurrent calls", together::run)
    .section("fakes", "the compiler checks a fake that implements a trait", fakes::run)
    .section(
        "scripted_io",
        "a protocol must work no matter how its bytes arrive",
        scripted_io::run,
    )
    .real_time(
        "mock_server",
        "a test server counts what the client really did",
        native!(mock_server::run),
    )
    .section("one_tick", "within one tick the order is not guaranteed", one_tick::run)
    .section("budget", "Tokio makes a task that is always ready yield", budget::run)
    .section("by_poll", "polled by hand, a future shows what wakes it", by_poll::run)
    .real_time(
        "transcript",
        "a test compares every line, its lane and its time",
        native!(transcript::run),
    )
    .real_time(
        "every_cut",
        "a timeout misses the one cancellation that loses data",
        native!(every_cut::run),
    )
    .real_time(
        "deadlock",
        "a deadlock fails immediately and names each waiting lane",
        native!(deadlock::run),
    )
    .real_time(
        "panics",
        "a panic fails the test only if its task is awaited",
        native!(panics::run),
    )
    .section("flaky", "wait for the event, not for a fixed time", flaky::run)
    .real_time(
        "properties",
        "a property test finds the smallest failing case",
        native!(properties::run),
    )
    .real_time(
        "orders",
        "other task orders reveal a bug that Tokio's order hides",
        native!(orders::run),
    )
    .main()
}
