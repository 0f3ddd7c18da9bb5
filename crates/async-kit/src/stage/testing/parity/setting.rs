//! A section gets a setting as `--set NAME=VALUE`, and its twin gets it as `KNOB_NAME`.

use std::{fmt, time::Duration};

use crate::stage::knob::Value;

/// The values of some knobs; all other knobs keep their defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Setting(pub(super) Vec<(String, String)>);

impl Setting {
    /// Reads `permits=1 jobs=4`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let pair = |word: &str| match word.split_once('=') {
            Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
            None => Err(format!("{word:?} is not KNOB=VALUE")),
        };
        text.split_whitespace().map(pair).collect::<Result<_, _>>().map(Self)
    }

    /// The arguments for the chapter.
    pub(super) fn arguments(&self) -> impl Iterator<Item = String> {
        let pairs = self.0.iter();
        pairs.flat_map(|(name, value)| ["--set".to_owned(), format!("{name}={value}")])
    }

    /// The environment variables for the twin.
    pub(super) fn variables(&self) -> impl Iterator<Item = (String, String)> {
        self.0.iter().map(|(name, value)| (variable(name), for_python(value)))
    }
}

/// The form that [`Setting::parse`] reads. The defaults are an empty text.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs: Vec<_> =
            self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        f.write_str(&pairs.join(" "))
    }
}

/// The environment variable of a knob.
pub(super) fn variable(knob: &str) -> String {
    format!("KNOB_{}", knob.to_uppercase().replace('-', "_"))
}

/// A duration in seconds, as `asyncio.sleep` takes it; any other value unchanged.
fn for_python(value: &str) -> String {
    match <Duration as Value>::read(value) {
        Some(duration) => duration.as_secs_f64().to_string(),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_gets_a_setting_in_its_own_form() {
        let setting = Setting::parse("permits=1  retry-after=150ms").expect("two pairs");
        assert_eq!(setting.to_string(), "permits=1 retry-after=150ms");
        let arguments: Vec<_> = setting.arguments().collect();
        assert_eq!(arguments, ["--set", "permits=1", "--set", "retry-after=150ms"]);
        let variables: Vec<_> = setting.variables().collect();
        let expected = [("KNOB_PERMITS", "1"), ("KNOB_RETRY_AFTER", "0.15")];
        assert_eq!(variables, expected.map(|(name, value)| (name.into(), value.into())));
    }

    #[test]
    fn a_word_without_a_value_is_refused() {
        assert_eq!(
            Setting::parse("permits"),
            Err(r#""permits" is not KNOB=VALUE"#.into())
        );
    }
}
