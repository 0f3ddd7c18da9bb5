//! Synchronisation primitives: share without races, wait without missing a wake-up.
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
    Chapter::new("sync-primitives", "share without races, wait without missing a wake-up")
        .section("semaphore", "never more running jobs than permits", semaphore::run)
        .section("window", "a job is created only when the window has room", window::run)
        .section("lock", "tasks acquire the lock one by one, in FIFO order", lock::run)
        .section("race", "many tasks add one each, and the total is one", race::run)
        .section(
            "two_mutexes",
            "a std mutex for data, a Tokio mutex for work",
            two_mutexes::run,
        )
        .section("lock_order", "opposite lock orders deadlock", lock_order::run)
        .section("rw_lock", "several readers or one writer, in FIFO order", rw_lock::run)
        .section("event", "once an event is set, later waiters proceed too", event::run)
        .section("condition", "a waiting consumer misses no change", condition::run)
        .section("latest", "a slow reader skips outdated values", latest::run)
        .section(
            "barrier",
            "no round starts before the last worker arrives",
            barrier::run,
        )
        .section("once", "many tasks need one value, and it is made once", once::run)
        .main()
}
