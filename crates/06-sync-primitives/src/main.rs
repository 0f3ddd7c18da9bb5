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
        .section("semaphore", "never more jobs at once than permits", semaphore::run)
        .section("window", "a job is made when there is room for it", window::run)
        .section("lock", "tasks enter one by one, in the order they came", lock::run)
        .section("race", "many tasks add one each, and the sum is one", race::run)
        .section("two_mutexes", "one mutex for data, one for work", two_mutexes::run)
        .section("lock_order", "two orders of two locks never open", lock_order::run)
        .section("rw_lock", "readers together, a writer alone", rw_lock::run)
        .section("event", "set once, it lets the latecomer pass as well", event::run)
        .section("condition", "a consumer misses no change", condition::run)
        .section("latest", "a slow reader skips what is out of date", latest::run)
        .section("barrier", "no round starts before the last has come", barrier::run)
        .section("once", "many ask at once, and the value is made once", once::run)
        .main()
}
