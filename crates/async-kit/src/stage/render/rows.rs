//! A row is one lane's story, from when it was made until it ended or the recording did.
//!
//! All three pictures are drawn from rows, so they agree on what happened even where the events
//! do not make sense: what comes after a lane's end is not part of it, times only grow, and a
//! step that nobody ended ends with its lane.

use std::time::Duration;

use crate::stage::record::{Ending, Event, LaneId, LaneInfo, Recording, What};

/// What a lane is that was woken, while nobody polls it.
pub(super) const UNPOLLED: &str = "woken, not polled";

/// An [`UNPOLLED`] stretch of less than one part in so many of the run is no stall: on a busy
/// machine every wake waits a little for its poll.
const VISIBLE: u32 = 100;

/// One lane's story.
pub(super) struct Row<'a> {
    pub(super) lane: &'a LaneInfo,
    pub(super) from: Duration,
    pub(super) to: Duration,
    pub(super) state: State,
    /// In the order in which they began.
    pub(super) steps: Vec<Step<'a>>,
    pub(super) said: Vec<(Duration, &'a str)>,
    /// From a wake until the poll that answered it.
    pub(super) unpolled: Vec<Step<'a>>,
    /// How long the whole run took.
    run: Duration,
}

/// A labelled stretch of a lane.
pub(super) struct Step<'a> {
    pub(super) label: &'a str,
    pub(super) from: Duration,
    pub(super) to: Duration,
    id: u64,
    open: bool,
}

/// Where a lane stood when the recording ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It had ended like this.
    Ended(Ending),
    /// It had not ended.
    Running,
    /// Nothing of it was recorded: it was made too late, or its events were lost.
    Unseen,
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
        Self::Unseen,
    ];

    /// The mark at the end of the row.
    pub(super) fn mark(self) -> char {
        match self {
            Self::Ended(Ending::Done) => '✓',
            Self::Ended(Ending::Failed | Ending::Panicked) => '✗',
            Self::Ended(Ending::Dropped) => '⊘',
            Self::Ended(Ending::NeverPolled) => '∅',
            Self::Running => '→',
            Self::Unseen => '?',
        }
    }

    /// What the mark means.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Ended(Ending::Done) => "done",
            Self::Ended(Ending::Failed) => "failed",
            Self::Ended(Ending::Panicked) => "panicked",
            Self::Ended(Ending::Dropped) => "dropped",
            Self::Ended(Ending::NeverPolled) => "never polled",
            Self::Running => "unfinished",
            Self::Unseen => "not recorded",
        }
    }
}

/// The rows of all lanes, in the order in which they were made.
pub(super) fn rows(recording: &Recording) -> Vec<Row<'_>> {
    let mut rows: Vec<_> = recording.lanes.iter().map(Row::unseen).collect();
    for Event { at, lane, what } in &recording.events {
        if let Some(row) = lane.and_then(|LaneId(id)| rows.get_mut(id)) {
            row.hear((*at).min(recording.end), what);
        }
    }
    for row in &mut rows {
        row.freeze(recording.end);
    }
    rows
}

/// How many rows are in each state, as `7 ✓ done, 2 ⊘ dropped`.
pub(super) fn tally<'r, 'a: 'r>(rows: impl IntoIterator<Item = &'r Row<'a>>) -> String {
    let states: Vec<_> = rows.into_iter().map(|row| row.state).collect();
    let counts = State::ALL.iter().filter_map(|&state| {
        let count = states.iter().filter(|&&other| other == state).count();
        (count > 0).then(|| format!("{count} {} {}", state.mark(), state.word()))
    });
    counts.collect::<Vec<_>>().join(", ")
}

impl<'a> Row<'a> {
    fn unseen(lane: &'a LaneInfo) -> Self {
        Self {
            lane,
            from: Duration::MAX,
            to: Duration::ZERO,
            state: State::Unseen,
            steps: Vec::new(),
            said: Vec::new(),
            unpolled: Vec::new(),
            run: Duration::ZERO,
        }
    }

    /// Where nobody polled it for so long that a picture of the whole run shows it.
    pub(super) fn stalls(&self) -> impl Iterator<Item = &Step<'a>> {
        self.unpolled.iter().filter(|stall| stall.to - stall.from >= self.run / VISIBLE)
    }

    fn hear(&mut self, at: Duration, what: &'a What) {
        let at = match self.state {
            State::Ended(_) => return,
            State::Running => at.max(self.to),
            State::Unseen => at,
        };
        self.state = State::Running;
        self.from = self.from.min(at);
        self.to = at;
        match what {
            What::Made | What::Started => {}
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
        // From the back: the step that ends is nearly always among the last that began.
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

    fn freeze(&mut self, end: Duration) {
        self.run = end;
        match self.state {
            State::Ended(_) => {}
            State::Unseen => (self.from, self.to) = (end, end),
            State::Running => {
                self.to = end;
                for step in self.steps.iter_mut().filter(|step| step.open) {
                    step.to = end;
                }
            }
        }
    }
}
