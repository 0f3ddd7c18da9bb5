//! Pitfalls: each wrong way beside the right one, both run and measured. Run it: `cargo run -p pitfalls`.

mod gauge;
mod orphan;
mod outlives;
mod sequential;
mod unawaited;

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new("pitfalls", "each wrong way beside the right one, both run and measured")
        .section("unawaited", "a future nobody awaits does nothing", unawaited::run)
        .section("sequential", "awaits in a row do not overlap", sequential::run)
        .section("orphan", "a task nobody waits for is cut off", orphan::run)
        .section("outlives", "a cancelled caller leaves its tasks running", outlives::run)
        .main()
}
