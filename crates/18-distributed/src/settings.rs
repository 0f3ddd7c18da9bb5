//! Every promise of a queue has a number, and its default.

use std::time::Duration;

/// What a queue promises, alike on every broker. The names are those of JetStream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// In how many partitions the messages are divided by their key; at least 1. Default: 1.
    pub partitions: usize,
    /// If a delivery is not settled for so long, it is delivered again. Whole milliseconds, from 1 ms.
    /// Default: 30 s, as JetStream has it.
    pub ack_wait: Duration,
    /// How many times a message is delivered before it becomes a dead letter; at least 1. Default: 3.
    pub max_deliver: u32,
    /// How many messages of a partition may be delivered and not yet settled; at least 1. Default:
    /// 1,000, as JetStream has it.
    pub max_ack_pending: usize,
    /// How many messages the queue holds, those that are delivered and not yet acknowledged included;
    /// dead letters do not count. If it is full, publishing fails. Default: no limit.
    pub max_messages: Option<usize>,
    /// For how long an id is remembered after the first message with it. Whole milliseconds, from
    /// 100 ms, as JetStream demands. Default: 120 s, as JetStream has it.
    pub dedup_window: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            partitions: 1,
            ack_wait: Duration::from_secs(30),
            max_deliver: 3,
            max_ack_pending: 1_000,
            max_messages: None,
            dedup_window: Duration::from_secs(120),
        }
    }
}
