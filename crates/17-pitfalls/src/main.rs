//! Pitfalls: each wrong way beside the right one, both run and measured. Run it: `cargo run -p pitfalls`.

mod blocking;
mod blocking_pool;
mod cancelled_work;
mod cpu;
mod crew;
mod gauge;
mod heart;
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
        .section("unawaited", "a future nobody awaits does nothing", unawaited::run)
        .section("sequential", "awaits in a row do not overlap", sequential::run)
        .section("orphan", "a task nobody waits for is cut off", orphan::run)
        .section("outlives", "a cancelled caller leaves its tasks running", outlives::run)
        .section("unseen", "an error nobody looks at is heard by nobody", unseen::run)
        .real_time(
            "unseen_panic",
            "a panic ends its own task and no more",
            native!(unseen_panic::run),
        )
        .real_time(
            "blocking",
            "a blocked thread stops every task on it",
            native!(blocking::run),
        )
        .real_time("cpu", "computing belongs on threads of its own", native!(cpu::run))
        .real_time(
            "cancelled_work",
            "a computation nobody waits for must ask",
            native!(cancelled_work::run),
        )
        .real_time(
            "blocking_pool",
            "threads for blocking calls are finite",
            native!(blocking_pool::run),
        )
        .section("race", "what was checked before an await may not hold", race::run)
        .section("held_lock", "a lock held while waiting makes all wait", held_lock::run)
        .section("lost_item", "a select drops what its losers hold", lost_item::run)
        .section("unbounded", "a task for each item asks too much", unbounded::run)
        .section("leak", "a task that holds its owner never ends", leak::run)
        .real_time("nested", "no runtime runs inside a runtime", native!(nested::run))
        .real_time("refused", "eight mistakes do not compile", native!(refused::run))
        .real_time(
            "not_send",
            "what crosses an await must cross threads",
            native!(not_send::run),
        )
        .main()
}
