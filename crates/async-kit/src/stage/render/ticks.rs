//! Ticks are round numbers in the unit that a reader would use for the whole run.

use std::time::Duration;

/// Microseconds to hours.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    name: &'static str,
    pub(super) nanos: u128,
    /// How many digits after the point a reader expects of a duration.
    digits: u32,
}

const MICROS: Unit = Unit { name: "µs", nanos: 1_000, digits: 1 };
const MILLIS: Unit = Unit { name: "ms", nanos: 1_000_000, digits: 1 };
const SECONDS: Unit = Unit { name: "s", nanos: 1_000_000_000, digits: 2 };
const MINUTES: Unit = Unit { name: "min", nanos: 60_000_000_000, digits: 1 };
const HOURS: Unit = Unit { name: "h", nanos: 3_600_000_000_000, digits: 1 };

impl Unit {
    /// The unit for an axis that ends here.
    pub(super) fn of(end: Duration) -> Self {
        match end.as_nanos() {
            0 => SECONDS,
            1..1_000_000 => MICROS,
            1_000_000..100_000_000 => MILLIS,
            100_000_000..120_000_000_000 => SECONDS,
            120_000_000_000..7_200_000_000_000 => MINUTES,
            _ => HOURS,
        }
    }

    /// 1, 2, 5, 10, 20, … thousandths of the unit, in nanoseconds.
    pub(super) fn steps(self) -> impl Iterator<Item = u128> {
        let decades = (0..).map(move |power| self.nanos / 1_000 * 10_u128.pow(power));
        decades.flat_map(|decade| [decade, 2 * decade, 5 * decade])
    }

    /// The label of a tick at `at`, one of every `step` nanoseconds: `0.2s`.
    pub(super) fn label(self, at: u128, step: u128) -> String {
        let digits = (0..3)
            .find(|&digits| (step * 10_u128.pow(digits)).is_multiple_of(self.nanos));
        format!("{}{}", self.decimal(at, digits.unwrap_or(3)), self.name)
    }

    fn decimal(self, nanos: u128, digits: u32) -> String {
        let power = 10_u128.pow(digits);
        let value = (nanos * power + self.nanos / 2) / self.nanos;
        match digits as usize {
            0 => value.to_string(),
            digits => format!("{}.{:0digits$}", value / power, value % power),
        }
    }
}

/// A duration as a sentence has it: `0.80 s`, `3 ms`, `2000 h`.
pub(super) fn spoken(duration: Duration) -> String {
    let unit = Unit::of(duration);
    let value = unit.decimal(duration.as_nanos(), unit.digits);
    let value = if unit.digits == 1 { value.trim_end_matches(".0") } else { &value };
    format!("{value} {}", unit.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Millis;

    #[test]
    fn a_duration_is_said_in_its_own_unit() {
        let said = [3.ms(), 0.ms(), 800.ms(), 90.secs(), 150.secs(), 7_200_000.secs()];
        let said = said.map(spoken);
        assert_eq!(said, ["3 ms", "0.00 s", "0.80 s", "90.00 s", "2.5 min", "2000 h"]);
        assert_eq!(spoken(Duration::from_nanos(20_400)), "20.4 µs");
        assert_eq!(spoken(806.ms()), "0.81 s");
    }

    #[test]
    fn labels_have_as_many_digits_as_their_step_needs() {
        let label = |at: u64, step: u64, unit: Unit| {
            unit.label(at.ms().as_nanos(), step.ms().as_nanos())
        };
        assert_eq!(label(400, 200, SECONDS), "0.4s");
        assert_eq!(label(150, 50, SECONDS), "0.15s");
        assert_eq!(label(2_000, 1_000, SECONDS), "2s");
        assert_eq!(label(2, 1, MILLIS), "2ms");
        assert_eq!(label(90_000, 30_000, MINUTES), "1.5min");
    }
}
