//! A lane has the same hue in the lines it says and in the timeline below them.

use std::collections::HashMap;

use crate::stage::record::{LaneId, Recording, What};

/// Of the terminal's own palette, which suits its background; when they are used up they come
/// again. No red: that says how a lane ended.
const HUES: [&str; 9] = ["36", "35", "34", "33", "32", "96", "95", "94", "93"];

/// The names seen so far; the n-th has the n-th hue. Lanes that share a name share it too.
#[derive(Debug, Default)]
pub(in crate::stage) struct Hues(HashMap<String, usize>);

impl Hues {
    /// Those of the lines of this recording, and then of its silent lanes.
    pub(in crate::stage) fn of(recording: &Recording) -> Self {
        let name = |LaneId(id): LaneId| recording.lanes.get(id).map(|lane| &lane.name);
        let said = recording.events.iter().filter(|e| matches!(e.what, What::Said(_)));
        let speakers = said.filter_map(|event| name(event.lane?));
        let mut hues = Self::default();
        for name in speakers.chain(recording.lanes.iter().map(|lane| &lane.name)) {
            hues.see(name);
        }
        hues
    }

    /// The hue of a lane, as the number in an ANSI escape.
    pub(in crate::stage) fn see(&mut self, name: &str) -> &'static str {
        let next = self.0.len();
        let number = match self.0.get(name) {
            Some(number) => *number,
            None => *self.0.entry(name.to_owned()).or_insert(next),
        };
        HUES[number % HUES.len()]
    }

    /// The hue of a lane that was seen before.
    pub(in crate::stage) fn hue(&self, name: &str) -> &'static str {
        HUES[self.0.get(name).copied().unwrap_or(0) % HUES.len()]
    }
}
