//! Settings are what a reader chose for a run: the values of knobs, and a server to use.

use std::collections::BTreeMap;

/// What a reader chose for a run; by default nothing, so that each knob has its own default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The value of each knob that was set, as it was typed, by the name of the knob.
    pub knobs: BTreeMap<String, String>,
    /// The base address given with `--url`, without a `/` at its end.
    pub url: Option<String>,
}
