//! Iterators: streams that lose nothing and overlap where they should.
//! Run it: `cargo run -p iterators`.

mod by_hand;
mod cancel_safe;
mod cursor;
mod generator;
mod merge;
mod overlap;
mod pager;
mod pipeline;

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new("iterators", "streams that lose nothing and overlap where they should")
        .section("by_hand", "a stream is an iterator whose next may wait", by_hand::run)
        .section(
            "cancel_safe",
            "a reader that gives up loses a number, or none",
            cancel_safe::run,
        )
        .section(
            "generator",
            "a reader that owns its source closes it when it returns",
            generator::run,
        )
        .section("pipeline", "one item goes all the way before the next", pipeline::run)
        .section("overlap", "stages with queues between them work at once", overlap::run)
        .section("merge", "two sources are read as they come", merge::run)
        .section("pager", "pages until the first empty one, fetched ahead", pager::run)
        .section("cursor", "a page that names the next one spares a call", cursor::run)
        .main()
}
