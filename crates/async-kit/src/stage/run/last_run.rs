//! If a section runs again with another knob, the duration of the run before is shown for comparison.

use std::time::Duration;

use super::contents::Section;
use crate::stage::{
    record::{KnobInfo, Recording},
    render::ticks::with_unit,
};

/// The run before this one.
pub(super) struct LastRun {
    section: &'static str,
    knobs: Vec<KnobInfo>,
    took: Duration,
}

impl LastRun {
    pub(super) fn of(section: &Section, recording: &Recording) -> Self {
        Self {
            section: section.name,
            knobs: recording.knobs.clone(),
            took: recording.end,
        }
    }

    /// `before, with capacity=3: 0.32 s`, if this was the same section with other knobs.
    pub(super) fn compared_with(&self, next: &Self) -> Option<String> {
        if self.section != next.section {
            return None;
        }
        let knobs = self.knobs.iter().zip(&next.knobs);
        let changed = knobs.filter(|(before, now)| before.value != now.value);
        let settings: Vec<_> = changed
            .map(|(before, _)| format!("{}={}", before.name, before.value))
            .collect();
        let took = with_unit(self.took);
        (!settings.is_empty())
            .then(|| format!("before, with {}: {took}", settings.join(" ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Millis;

    fn run(section: &'static str, capacity: &str, took: Duration) -> LastRun {
        let knob = KnobInfo {
            name: "capacity".to_owned(),
            default: "3".to_owned(),
            value: capacity.to_owned(),
            range: "1..=10".to_owned(),
            refused: None,
        };
        LastRun { section, knobs: vec![knob], took }
    }

    #[test]
    fn only_a_run_of_the_same_section_with_another_knob_is_compared() {
        let before = run("bounded", "3", 320.ms());
        let compared = |next: &LastRun| before.compared_with(next);
        let text = "before, with capacity=3: 0.32 s".to_owned();
        assert_eq!(compared(&run("bounded", "1", 500.ms())), Some(text));
        assert_eq!(compared(&run("bounded", "3", 500.ms())), None);
        assert_eq!(compared(&run("closing", "1", 500.ms())), None);
    }
}
