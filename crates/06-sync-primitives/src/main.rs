//! Synchronisation primitives: share without races, wait without missing the call.
//! Run it: `cargo run -p sync-primitives`.

mod barrier;
mod condition;
mod event;
mod latest;
mod lock;
mod lock_order;
mod once;
mod race;
mod rw_lock;
mod semaphore;
mod two_mutexes;
mod window;

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new("sync-primitives", "share without races, wait without missing the call")
        .section(
            "semaphore",
            "never more jobs at once than there are permits",
            semaphore::run,
        )
        .section(
            "window",
            "a few jobs under way, results in order, and no job made before its turn",
            window::run,
        )
        .section(
            "lock",
            "a lock across an await lets them in one by one, in the order they came",
            lock::run,
        )
        .section("race", "many tasks add one each, and the sum is one", race::run)
        .section(
            "two_mutexes",
            "a std mutex for data, a Tokio mutex for work that awaits",
            two_mutexes::run,
        )
        .section(
            "lock_order",
            "two locks in two orders never open; in one order they do",
            lock_order::run,
        )
        .section(
            "rw_lock",
            "readers together, a writer alone, and nobody jumps the line",
            rw_lock::run,
        )
        .section("event", "set once, it lets the latecomer pass as well", event::run)
        .section(
            "condition",
            "a consumer waits for a change, and misses none",
            condition::run,
        )
        .section("latest", "a slow reader skips what is out of date", latest::run)
        .section(
            "barrier",
            "nobody starts the next round before the last one has come",
            barrier::run,
        )
        .section("once", "many ask at once, and the value is made once", once::run)
        .main()
}
