//! A row shows one lane, from its creation until the lane or the recording ends.
//!
//! All three pictures are drawn from rows, so they show the same even if the events contradict
//! each other. Events after the end of a lane are ignored, times never go back, and an open step
//! ends when its lane ends.

use std::time::Duration;

use crate::stage::record::{Ending, Event, LaneId, LaneInfo, Recording, What};

/// The label of a period in which the lane had been woken and was not polled.
pub(super) const UNPOLLED: &str = "woken, not polled";

/// An [`UNPOLLED`] period shorter than this fraction of the run (one hundredth) is not a stall: on
/// a busy machine a short time passes between every wake and its poll.
const STALL_FRACTION: u32 = 100;

/// What happened in one lane.
pub(super) struct Row<'a> {
    pub(super) lane: &'a LaneInfo,
    pub(super) from: Duration,
    pub(super) to: Duration,
    pub(super) state: State,
    /// In the order of their beginnings.
    pub(super) steps: Vec<Step<'a>>,
    pub(super) said: Vec<(Duration, &'a str)>,
    /// The periods from a wake until the poll after it.
    pub(super) unpolled: Vec<Step<'a>>,
    /// The duration of the whole run.
    run: Duration,
}

/// A period of a lane, with a label.
pub(super) struct Step<'a> {
    pub(super) label: &'a str,
    pub(super) from: Duration,
    pub(super) to: Duration,
    id: u64,
    open: bool,
}

/// The state of a lane when the recording ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It had ended, in this way.
    Ended(Ending),
    /// It had not ended.
    Running,
    /// It has no events: it was made too late, or its events were lost.
    NotRecorded,
}

impl State {
    /// Every state, in the order in which summaries list them.
    pub(super) const ALL: [Self; 7] = [
        Self::Ended(Ending::Done),
        Self::Ended(Ending::Failed),
        Self::Ended(Ending::Panicked),
        Self::Ended(Ending::Dropped),
        Self::Ended(Ending::NeverPolled),
        Self::Running,
        Self::NotRecorded,
    ];

    /// The mark at the end of the row.
    pub(super) fn mark(self) -> char {
        match self {
            Self::Ended(Ending::Done) => '✓',
            Self::Ended(Ending::Failed | Ending::Panicked) => '✗',
            Self::Ended(Ending::Dropped) => '⊘',
            Self::Ended(Ending::NeverPolled) => '∅',
            Self::Running => '→',
            Self::NotRecorded => '?',
        }
    }

    /// The meaning of the mark.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Ended(Ending::Done) => "done",
            Self::Ended(Ending::Failed) => "failed",
            Self::Ended(Ending::Panicked) => "panicked",
            Self::Ended(Ending::Dropped) => "dropped",
            Self::Ended(Ending::NeverPolled) => "never polled",
            Self::Running => "unfinished",
            Self::NotRecorded => "not recorded",
        }
    }
}

/// The rows of all lanes, in the order in which the lanes were made.
pub(super) fn rows(recording: &Recording) -> Vec<Row<'_>> {
    let mut rows: Vec<_> = recording.lanes.iter().map(Row::new).collect();
    for Event { at, lane, what, .. } in &recording.events {
        if let Some(row) = lane.and_then(|LaneId(id)| rows.get_mut(id)) {
            row.apply((*at).min(recording.end), what);
        }
    }
    for row in &mut rows {
        row.close(recording.end);
    }
    rows
}

/// The number of rows in each state, as `7 ✓ done, 2 ⊘ dropped`.
pub(super) fn state_counts<'r, 'a: 'r>(
    rows: impl IntoIterator<Item = &'r Row<'a>>,
) -> String {
    let states: Vec<_> = rows.into_iter().map(|row| row.state).collect();
    let counts = State::ALL.iter().filter_map(|&state| {
        let count = states.iter().filter(|&&other| other == state).count();
        (count > 0).then(|| format!("{count} {} {}", state.mark(), state.word()))
    });
    counts.collect::<Vec<_>>().join(", ")
}

impl<'a> Row<'a> {
    /// A row without events.
    fn new(lane: &'a LaneInfo) -> Self {
        Self {
            lane,
            from: Duration::MAX,
            to: Duration::ZERO,
            state: State::NotRecorded,
            steps: Vec::new(),
            said: Vec::new(),
            unpolled: Vec::new(),
            run: Duration::ZERO,
        }
    }

    /// The [`UNPOLLED`] periods that are long enough for a picture of the whole run.
    pub(super) fn stalls(&self) -> impl Iterator<Item = &Step<'a>> {
        self.unpolled
            .iter()
            .filter(|stall| stall.to - stall.from >= self.run / STALL_FRACTION)
    }

    fn apply(&mut self, at: Duration, what: &'a What) {
        let at = match self.state {
            State::Ended(_) => return,
            State::Running => at.max(self.to),
            State::NotRecorded => at,
        };
        self.state = State::Running;
        self.from = self.from.min(at);
        self.to = at;
        match what {
            What::Made | What::Started | What::Waits => {}
            What::Unpolled { since } => {
                let from = (*since).clamp(self.from, at);
                self.unpolled.push(Step {
                    label: UNPOLLED,
                    from,
                    to: at,
                    id: 0,
                    open: false,
                });
            }
            What::Said(text) => self.said.push((at, text)),
            What::StepIn(id, label) => {
                self.steps.push(Step { label, from: at, to: at, id: *id, open: true });
            }
            What::StepOut(id) => self.step_out(*id),
            What::Ended(ending) => self.end(*ending),
        }
    }

    fn step_out(&mut self, id: u64) {
        // From the back: the step that ends is nearly always one of the last that began.
        if let Some(step) = self.steps.iter_mut().rev().find(|s| s.open && s.id == id) {
            step.open = false;
            step.to = self.to;
        }
    }

    fn end(&mut self, ending: Ending) {
        self.state = State::Ended(ending);
        for step in self.steps.iter_mut().filter(|step| step.open) {
            step.to = self.to;
        }
    }

    /// The recording ended at `end`.
    fn close(&mut self, end: Duration) {
        self.run = end;
        match self.state {
            State::Ended(_) => {}
            State::NotRecorded => (self.from, self.to) = (end, end),
            State::Running => {
                self.to = end;
                for step in self.steps.iter_mut().filter(|step| step.open) {
                    step.to = end;
                }
            }
        }
    }
}
