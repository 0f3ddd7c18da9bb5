//! A knob is a number or a duration of a section that a reader can change.

use std::{fmt::Debug, ops::RangeInclusive, time::Duration};

use crate::stage::record::{KnobInfo, Recorder};

/// Returns the value of a knob: `default`, unless the run was started with `--set NAME=VALUE`.
/// Outside any run it returns `default`.
///
/// # Where to call it
///
/// The chapter must find the knobs of a section without running it, so call `knob`
///
/// - in a pure section, before the first await: the chapter polls the section once, silently;
/// - for a section in real time, in a separate function: [`native!`](crate::native) takes both.
///
/// # In the asyncio twin
///
/// The twin reads the knob `permits` from the environment variable `KNOB_PERMITS`, and a duration in
/// seconds.
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
/// If `default` lies outside `range`, because that is a mistake of the section. An invalid value
/// from the command line does not panic: the chapter refuses it before anything runs.
pub fn knob<T: Value>(name: &str, default: T, range: RangeInclusive<T>) -> T {
    assert!(range.contains(&default), "knob {name}: the default is outside {range:?}");
    let Some(recorder) = Recorder::current() else { return default };
    let given = recorder.settings().knobs.get(name).map(|text| parse(text, &range));
    let (value, refused) = match given {
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

/// A type that the value of a knob can have.
pub trait Value: Copy + PartialOrd + Debug {
    /// A description for error messages: `a whole number`.
    const WHAT: &str;
    /// Parses the text that a reader typed.
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
    fn a_duration_can_be_read_from_its_own_text() {
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
