//! Queues: send work from task to task without losing any. Run it: `cargo run -p queues`.

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
    Chapter::new("queues", "send work from task to task without losing any")
        .section("bounded", "a full queue makes the producer wait", bounded::run)
        .section(
            "unbounded",
            "without a bound a slow consumer's backlog grows",
            unbounded::run,
        )
        .section(
            "closing",
            "the queue closes when its last sender is dropped",
            closing::run,
        )
        .section("consumers", "several consumers take turns at one queue", consumers::run)
        .section("gone", "send fails as soon as the last consumer is gone", gone::run)
        .section("overflow", "four policies for a full queue, compared", overflow::run)
        .section(
            "reserve",
            "a cancelled send loses its item, a cancelled reserve does not",
            reserve::run,
        )
        .section("priority", "the most urgent item is received first", priority::run)
        .section("redelivery", "a dead worker's item is delivered again", redelivery::run)
        .section(
            "broadcast",
            "each listener gets a copy; a slow one misses items",
            broadcast::run,
        )
        .section("answers", "a request carries its reply channel", answers::run)
        .section(
            "messages",
            "after a stop, all items in the queue are processed",
            messages::run,
        )
        .section("processor", "collector and processor end together", processor::run)
        .main()
}
