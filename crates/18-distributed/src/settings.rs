//! Each promise of a queue is a number that has a range, and a default if the caller sets none.

use std::time::Duration;

use crate::BrokerError;

/// What a queue promises, alike on every broker. The names are those of JetStream. The largest number is
/// 10⁹ and the longest time is 365 days, because every broker can store these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// In how many partitions the messages are divided by their key; 1 to 1,000, because a NATS
    /// server keeps a consumer for each. Default: 1.
    pub partitions: usize,
    /// A message that is not settled within this time is delivered again. Whole milliseconds, from 1 ms.
    /// Default: 30 s, as JetStream has it.
    pub ack_wait: Duration,
    /// How many times a message is delivered before it becomes a dead letter; at least 1. Default: 3.
    pub max_deliver: u32,
    /// How many messages of a partition may be delivered and not yet removed; at least 1. A message that
    /// waits for another delivery counts: with 1, no later message overtakes it. Default: 1,000, as
    /// JetStream has it.
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

impl Settings {
    /// Refuses numbers with which nothing could ever be delivered, or that a broker cannot keep.
    pub(crate) fn check(&self) -> Result<(), BrokerError> {
        let ranges = [
            ((1..=1_000).contains(&self.partitions), "`partitions` is not 1 to 1,000"),
            (
                is_time(self.ack_wait, MS),
                "`ack_wait` is not 1 ms to 365 days, in whole ms",
            ),
            (self.max_deliver >= 1, "`max_deliver` is 0"),
            (is_count(self.max_ack_pending), "`max_ack_pending` is not 1 to 10⁹"),
            (self.max_messages.is_none_or(is_count), "`max_messages` is not 1 to 10⁹"),
            (
                is_time(self.dedup_window, 100 * MS),
                "`dedup_window` is not 100 ms to 365 days, in whole ms",
            ),
        ];
        match ranges.iter().find(|(in_range, _)| !in_range) {
            Some((_, why)) => Err(BrokerError::Settings(why)),
            None => Ok(()),
        }
    }
}

/// The longest time that a setting or a delay may have.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The delay that a broker stores: whole milliseconds, rounded up, and at most [`LONGEST`].
pub(crate) fn storable(delay: Duration) -> Duration {
    let ms = delay.min(LONGEST).as_nanos().div_ceil(1_000_000);
    Duration::from_millis(u64::try_from(ms).expect("at most 365 days"))
}

const MS: Duration = Duration::from_millis(1);

fn is_time(time: Duration, shortest: Duration) -> bool {
    (shortest..=LONGEST).contains(&time) && time.subsec_nanos().is_multiple_of(1_000_000)
}

fn is_count(count: usize) -> bool {
    (1..=1_000_000_000).contains(&count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_stored_in_whole_milliseconds_and_never_shortened_to_fewer() {
        for (delay, ms) in [
            (Duration::ZERO, 0),
            (Duration::from_nanos(1), 1),
            (Duration::from_micros(1_500), 2),
            (2 * MS, 2),
            (LONGEST, 31_536_000_000),
            (Duration::MAX, 31_536_000_000),
        ] {
            assert_eq!(storable(delay), Duration::from_millis(ms), "{delay:?}");
        }
    }
}
