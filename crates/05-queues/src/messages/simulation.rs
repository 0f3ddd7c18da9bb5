//! Used by `messages`: in every run and in both languages, a producer has the same messages and
//! the same pauses between them.

use std::time::Duration;

use async_kit::Millis;
use tokio::time::Instant;

pub(super) struct Message {
    pub(super) id: String,
    pub(super) producer: usize,
    pub(super) content: String,
    pub(super) made: Instant,
    pub(super) work: Duration,
}

/// Messages that take 11 to 29 ms each, and the pause of 10 to 50 ms after each. A message is made
/// when the iterator's `next` is called. The second message of `producer-2` is empty.
///
/// Every pause is even and every time of work is odd. So a consumer rarely becomes idle in the
/// millisecond in which a message is sent. In that case `asyncio.Queue` would give the message to this
/// consumer, and `WorkQueue` to the one that has waited longest.
pub(super) fn messages(
    producer: usize,
    count: usize,
) -> impl Iterator<Item = (Message, Duration)> + Send + 'static {
    let mut dice = Dice(producer as u64 + 1);
    (0..count).map(move |n| {
        let (pause, work) = (2 * dice.roll(5, 25), 2 * dice.roll(5, 14) + 1.ms());
        let empty = (producer, n) == (2, 1);
        let content = if empty { String::new() } else { format!("news {n}") };
        let id = format!("P{producer}-M{n}");
        (Message { id, producer, content, made: Instant::now(), work }, pause)
    })
}

/// Lehmer's generator: one line in any language, so that the twin uses the same numbers.
struct Dice(u64);

impl Dice {
    /// From `least` to `most` milliseconds, both included.
    fn roll(&mut self, least: u64, most: u64) -> Duration {
        self.0 = self.0 * 48_271 % 0x7fff_ffff;
        Duration::from_millis(least + self.0 % (most - least + 1))
    }
}
