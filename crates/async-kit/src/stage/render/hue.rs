//! A lane has the same colour in the lines that it prints and in the timeline below them.

use std::collections::HashMap;

use crate::stage::record::{LaneId, Recording, What};

/// Colours from the terminal's own palette, which suits the terminal's background. If there are
/// more lanes than colours, the colours repeat. Red is left out: it marks a lane that failed.
const HUES: [&str; 9] = ["36", "35", "34", "33", "32", "96", "95", "94", "93"];

/// The lane names seen so far. The n-th name has the n-th hue; lanes with the same name have the
/// same hue.
#[derive(Debug, Default)]
pub(in crate::stage) struct Hues(HashMap<String, usize>);

impl Hues {
    /// The hues of the lanes of this recording: first the lanes that print lines, in the order of
    /// their first line, then the others.
    pub(in crate::stage) fn of(recording: &Recording) -> Self {
        let name = |LaneId(id): LaneId| recording.lanes.get(id).map(|lane| &lane.name);
        let said = recording.events.iter().filter(|e| matches!(e.what, What::Said(_)));
        let printing = said.filter_map(|event| name(event.lane?));
        let mut hues = Self::default();
        for name in printing.chain(recording.lanes.iter().map(|lane| &lane.name)) {
            hues.see(name);
        }
        hues
    }

    /// The hue of a lane, as the number in an ANSI escape; a new lane gets the next hue.
    pub(in crate::stage) fn see(&mut self, name: &str) -> &'static str {
        let next = self.0.len();
        let number = match self.0.get(name) {
            Some(number) => *number,
            None => *self.0.entry(name.to_owned()).or_insert(next),
        };
        HUES[number % HUES.len()]
    }

    /// The hue of a lane that [`see`](Self::see) has seen.
    pub(in crate::stage) fn hue(&self, name: &str) -> &'static str {
        HUES[self.0.get(name).copied().unwrap_or(0) % HUES.len()]
    }
}
