//! Queues: hand work from one task to another without losing any. Run it: `cargo run -p queues`.

mod bounded;

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new("queues", "hand work from task to task without losing any")
        .section("bounded", "a full queue makes the producer wait", bounded::run)
        .main()
}
