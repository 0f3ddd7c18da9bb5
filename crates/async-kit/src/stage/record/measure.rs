//! A test can read from a recording the peaks and endings that its pictures show.

use std::collections::{BTreeMap, HashSet};

use super::recording::{Ending, Event, LaneId, Recording, What};

impl Recording {
    /// The largest number of lanes that were inside a step of this label at the same time.
    ///
    /// Events count in the order in which they happened, not by their times: a lane that leaves
    /// a step and a lane that then enters it at the same instant do not overlap. A lane that is
    /// inside two such steps counts once.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_kit::{Lane, Millis, Transcript, virtual_time};
    /// use tokio::{join, time::sleep};
    ///
    /// let seen = virtual_time(Transcript::of(async {
    ///     join!(
    ///         sleep(20.ms()).step("asleep").lane("a"),
    ///         sleep(10.ms()).step("asleep").lane("b"),
    ///     );
    /// }));
    /// assert_eq!(seen.recording().peak("asleep"), 2);
    /// ```
    pub fn peak(&self, label: &str) -> usize {
        let mut inside = Inside::default();
        self.events.iter().map(|event| inside.apply(event, label)).max().unwrap_or(0)
    }

    /// The labels of all steps, in the order in which they first began.
    pub fn labels(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        let labels = self.events.iter().filter_map(|event| match &event.what {
            What::StepIn(_, label) => Some(label.as_str()),
            _ => None,
        });
        labels.filter(|&label| seen.insert(label)).collect()
    }

    /// How the first lane of this name ended; `None` if there is no such lane, or if it has not
    /// ended.
    pub fn ending(&self, lane: &str) -> Option<Ending> {
        let id = self.lanes.iter().position(|info| info.name == lane)?;
        self.events.iter().find_map(|event| match event.what {
            What::Ended(ending) if event.lane == Some(LaneId(id)) => Some(ending),
            _ => None,
        })
    }
}

/// The open steps of one label, lane by lane.
#[derive(Default)]
struct Inside(BTreeMap<LaneId, Vec<u64>>);

impl Inside {
    /// Applies an event, and returns the number of lanes that are inside after it.
    fn apply(&mut self, event: &Event, label: &str) -> usize {
        if let Some(lane) = event.lane {
            match &event.what {
                What::StepIn(id, new) if new == label => {
                    self.0.entry(lane).or_default().push(*id);
                }
                What::StepOut(id) => self.leave(lane, *id),
                What::Ended(_) => drop(self.0.remove(&lane)),
                _ => {}
            }
        }
        self.0.len()
    }

    fn leave(&mut self, lane: LaneId, id: u64) {
        if let Some(open) = self.0.get_mut(&lane) {
            open.retain(|&step| step != id);
            if open.is_empty() {
                self.0.remove(&lane);
            }
        }
    }
}
