//! A knob is a number that makes a section's lesson, and that a reader may turn.

use std::{fmt::Debug, ops::RangeInclusive, time::Duration};

use crate::stage::record::{KnobInfo, Recorder};

/// The value of a knob: `default`, unless the run was started with `--set NAME=VALUE`.
///
/// Ask inside a section before its first await, so that a silent first poll finds it; for one that
/// runs in real time in a function of its own, which [`native!`](crate::native) names. The
/// asyncio twin reads the same knob from `KNOB_NAME` in its environment (upper case; a duration
/// in seconds). Outside any run it is the default.
///
/// # Examples
///
/// ```
/// let permits = async_kit::knob("permits", 3_usize, 1..=10);
/// assert_eq!(permits, 3);
/// ```
///
/// # Panics
///
/// When `default` lies outside `range`: that is a mistake of the section. A value given by the
/// user that cannot be used is recorded, and refused by the runner.
pub fn knob<T: Value>(name: &str, default: T, range: RangeInclusive<T>) -> T {
    assert!(range.contains(&default), "knob {name}: the default is outside {range:?}");
    let Some(recorder) = Recorder::current() else { return default };
    let asked = recorder.settings().knobs.get(name).map(|text| parse(text, &range));
    let (value, refused) = match asked {
        None => (default, None),
        Some(Ok(value)) => (value, None),
        Some(Err(why)) => (default, Some(why)),
    };
    recorder.declared(KnobInfo {
        name: name.to_owned(),
        default: default.show(),
        value: value.show(),
        range: format!("{}..={}", range.start().show(), range.end().show()),
        refused,
    });
    value
}

fn parse<T: Value>(text: &str, range: &RangeInclusive<T>) -> Result<T, String> {
    let value = T::read(text).ok_or_else(|| format!("{text:?} is not {}", T::WHAT))?;
    if range.contains(&value) {
        Ok(value)
    } else {
        Err(format!("{text} is not in {}..={}", range.start().show(), range.end().show()))
    }
}

/// What a knob's value can be.
pub trait Value: Copy + PartialOrd + Debug {
    /// What a reader should have typed.
    const WHAT: &str;
    /// Reads what a reader typed.
    fn read(text: &str) -> Option<Self>;
    /// Writes the value as a reader would type it.
    fn show(&self) -> String;
}

macro_rules! whole_number {
    ($($number:ty)*) => {$(
        impl Value for $number {
            const WHAT: &str = "a whole number";

            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }

            fn show(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

whole_number!(usize u64 u32);

impl Value for Duration {
    const WHAT: &str = "a duration such as 150ms or 2s";

    fn read(text: &str) -> Option<Self> {
        if let Some(millis) = text.strip_suffix("ms") {
            return millis.parse().ok().map(Self::from_millis);
        }
        text.strip_suffix('s')?.parse().ok().map(Self::from_secs)
    }

    fn show(&self) -> String {
        match self.subsec_millis() {
            0 => format!("{}s", self.as_secs()),
            _ => format!("{}ms", self.as_millis()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Millis, stage::record::Settings};

    #[test]
    fn a_duration_reads_what_it_shows() {
        for duration in [0.ms(), 1.ms(), 150.ms(), 1000.ms(), 2500.ms()] {
            assert_eq!(Duration::read(&duration.show()), Some(duration));
        }
        assert_eq!(Duration::read("2"), None);
        assert_eq!(Duration::read("-1s"), None);
    }

    #[test]
    fn a_value_out_of_range_is_refused_and_the_default_used() {
        let knobs = [("n".to_owned(), "11".to_owned())].into();
        let settings = Settings { knobs, url: None };
        let recorder = Recorder::new(true, settings, |_, _, _| {});
        let _here = recorder.install();
        assert_eq!(knob("n", 3, 1..=10_usize), 3);
        let refused = recorder.recording().knobs[0].refused.clone();
        assert_eq!(refused.as_deref(), Some("11 is not in 1..=10"));
    }
}
