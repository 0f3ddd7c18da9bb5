//! Pitfalls: each wrong way beside the right one, both run and measured. Run it: `cargo run -p pitfalls`.

mod blocking;
mod blocking_pool;
mod cancelled_work;
mod compute_pool;
mod cpu;

mod gauge;
mod heartbeat;
mod held_lock;
mod leak;
mod lost_item;
mod nested;
mod not_send;
mod orphan;
mod outlives;
mod race;
mod refused;
mod rustc;
mod sequential;
mod unawaited;
mod unbounded;
mod unseen;
mod unseen_panic;

use async_kit::{Chapter, native};

fn main() -> anyhow::Result<()> {
    Chapter::new("pitfalls", "each wrong way beside the right one, both run and measured")
        .section("unawaited", "a future that is not awaited does nothing", unawaited::run)
        .section(
            "sequential",
            "awaits one after the other do not overlap",
            sequential::run,
        )
        .section("orphan", "a program that ends does not wait for its tasks", orphan::run)
        .section("outlives", "a cancelled caller leaves its tasks running", outlives::run)
        .section(
            "unseen",
            "a task's error is lost if its result is not checked",
            unseen::run,
        )
        .real_time(
            "unseen_panic",
            "a panic ends only its own task",
            native!(unseen_panic::run),
        )
        .real_time(
            "blocking",
            "a blocked thread stops every task on it",
            native!(blocking::run),
        )
        .real_time("cpu", "a computation belongs on a separate thread", native!(cpu::run))
        .real_time(
            "cancelled_work",
            "a computation stops only if it checks for cancellation",
            native!(cancelled_work::run),
        )
        .real_time(
            "blocking_pool",
            "the number of threads for blocking calls is limited",
            native!(blocking_pool::run),
        )
        .section("race", "a check before an await may be outdated after it", race::run)
        .section(
            "held_lock",
            "a lock held across an await makes all tasks wait",
            held_lock::run,
        )
        .section(
            "lost_item",
            "select! drops what its losing branches hold",
            lost_item::run,
        )
        .section("unbounded", "one task per item overloads the server", unbounded::run)
        .section("leak", "a task that holds its owner keeps both alive", leak::run)
        .real_time("nested", "block_on inside a runtime panics", native!(nested::run))
        .real_time("refused", "eight mistakes do not compile", native!(refused::run))
        .real_time(
            "not_send",
            "a value held across an await must be Send",
            native!(not_send::run),
        )
        .main()
}
