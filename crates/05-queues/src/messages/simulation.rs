//! A producer has the same messages with the same pauses in every run, and in both languages.

use std::time::Duration;

use super::Message;

/// Messages that take 10 to 30 ms each, and the pause of 10 to 50 ms that follows each.
pub(super) fn messages(producer: usize, count: usize) -> Vec<(Message, Duration)> {
    let mut dice = Dice(producer as u64 + 1);
    let message = |n| {
        let (pause, work) = (dice.roll(10, 50), dice.roll(10, 30));
        let spoiled = (producer, n) == (1, 2);
        (Message { id: format!("P{producer}-M{n}"), work, spoiled }, pause)
    };
    (0..count).map(message).collect()
}

/// Lehmer's generator: one line in any language, so that the twin rolls the same numbers.
struct Dice(u64);

impl Dice {
    /// From `least` to `most` milliseconds, both included.
    fn roll(&mut self, least: u64, most: u64) -> Duration {
        self.0 = self.0 * 48_271 % 0x7fff_ffff;
        Duration::from_millis(least + self.0 % (most - least + 1))
    }
}
