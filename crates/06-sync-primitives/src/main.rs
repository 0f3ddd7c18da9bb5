//! Synchronisation primitives: share without races, wait without missing the call.
//! Run it: `cargo run -p sync-primitives`.

mod semaphore;

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new("sync-primitives", "share without races, wait without missing the call")
        .section(
            "semaphore",
            "three permits, ten jobs: never more than three at once",
            semaphore::run,
        )
        .main()
}
