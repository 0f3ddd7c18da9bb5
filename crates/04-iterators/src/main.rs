//! Iterators: streams that lose no item, and stages that overlap.
//! Run it: `cargo run -p iterators`.

mod by_hand;
mod cancel_safe;
mod cursor;
mod generator;
mod list;
mod merge;
mod overlap;
mod pager;
mod pipeline;

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new("iterators", "streams that lose no item, and stages that overlap")
        .section("list", "a stream of a list yields its items at its own pace", list::run)
        .section("by_hand", "a stream is an iterator whose next may wait", by_hand::run)
        .section(
            "cancel_safe",
            "a next that counts after its await loses no number",
            cancel_safe::run,
        )
        .section(
            "generator",
            "a reader that owns its generator closes it on return",
            generator::run,
        )
        .section(
            "pipeline",
            "one item passes all stages before the next starts",
            pipeline::run,
        )
        .section(
            "overlap",
            "stages with queues between them work concurrently",
            overlap::run,
        )
        .section("merge", "one loop reads two streams as their items arrive", merge::run)
        .section("pager", "a paginator ends at the first empty page", pager::run)
        .section("cursor", "a cursor to the next page saves the last call", cursor::run)
        .main()
}
