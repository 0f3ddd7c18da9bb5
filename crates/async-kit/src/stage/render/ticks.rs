//! The ticks of an axis are round numbers in the unit that suits the length of the run.

use std::time::Duration;

/// A unit of time, from microseconds to hours.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    name: &'static str,
    pub(super) nanos: u128,
    /// The number of decimal places of a duration in this unit.
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

    /// The possible distances between ticks, in nanoseconds: 1, 2, 5, 10, 20, … thousandths of
    /// the unit.
    pub(super) fn steps(self) -> impl Iterator<Item = u128> {
        let decades = (0..).map(move |power| self.nanos / 1_000 * 10_u128.pow(power));
        decades.flat_map(|decade| [decade, 2 * decade, 5 * decade])
    }

    /// The label of the tick at `at` if there is a tick every `step` nanoseconds: `0.2s`.
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

/// A duration with its unit, for a sentence: `0.80 s`, `3 ms`, `2000 h`.
pub(in crate::stage) fn with_unit(duration: Duration) -> String {
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
    fn a_duration_is_shown_in_the_unit_that_suits_its_length() {
        let shown = [3.ms(), 0.ms(), 800.ms(), 90.secs(), 150.secs(), 7_200_000.secs()];
        let shown = shown.map(with_unit);
        assert_eq!(shown, ["3 ms", "0.00 s", "0.80 s", "90.00 s", "2.5 min", "2000 h"]);
        assert_eq!(with_unit(Duration::from_nanos(20_400)), "20.4 µs");
        assert_eq!(with_unit(806.ms()), "0.81 s");
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
