//! Queues: hand work from one task to another without losing any. Run it: `cargo run -p queues`.

mod answers;
mod bounded;
mod broadcast;
mod closing;
mod consumers;
mod gone;
mod messages;
mod overflow;
mod priority;
mod processor;
mod redelivery;
mod reserve;
mod unbounded;

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new("queues", "hand work from task to task without losing any")
        .section("bounded", "a full queue makes the producer wait", bounded::run)
        .section(
            "unbounded",
            "without a bound a slow consumer's backlog grows",
            unbounded::run,
        )
        .section("closing", "the last producer to leave closes the queue", closing::run)
        .section("consumers", "several consumers take turns at one queue", consumers::run)
        .section("gone", "a producer learns at once that nobody is left", gone::run)
        .section("overflow", "four answers of a full queue, compared", overflow::run)
        .section(
            "reserve",
            "a cancelled send loses its item, a cancelled reserve none",
            reserve::run,
        )
        .section("priority", "the most urgent item leaves first", priority::run)
        .section("redelivery", "a dead worker's item is delivered again", redelivery::run)
        .section(
            "broadcast",
            "each listener gets a copy, and hears what it missed",
            broadcast::run,
        )
        .section("answers", "a question carries the way back", answers::run)
        .section("messages", "a stop drains, and the report proves it", messages::run)
        .section("processor", "collector and processor end together", processor::run)
        .main()
}
