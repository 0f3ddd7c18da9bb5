//! A run counts its own progress only while a watchdog observes it.

use std::{sync::atomic::Ordering, time::Duration};

use tokio::{task, time::Instant};

use super::{place::Place, recorder::Recorder, recording::LaneId};

/// A lane that has not ended, as a report about a stuck run needs it.
#[derive(Clone, Debug)]
pub struct Unfinished {
    /// The lane.
    pub lane: LaneId,
    /// Its name.
    pub name: String,
    /// Where it was made.
    pub made_at: Option<Place>,
    /// When it was last polled because of its own wake; `None` if it was never polled.
    pub since: Option<Duration>,
    /// What it said last.
    pub last_said: Option<String>,
    /// The Tokio task that polled it last.
    pub task: Option<task::Id>,
}

/// What a watchdog reads: if one of the numbers grows, the run makes progress.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::stage) struct Progress {
    /// Polls of lanes.
    pub(in crate::stage) polls: u64,
    /// Lanes made or ended.
    pub(in crate::stage) lane_changes: u64,
    /// Lines said.
    pub(in crate::stage) lines: u64,
}

impl Recorder {
    /// Counts polls and records wakes from now on, for the reports of a watchdog.
    pub(in crate::stage) fn watch(&self) {
        self.0.watched.store(true, Ordering::Relaxed);
    }

    pub(in crate::stage) fn is_watched(&self) -> bool {
        self.0.watched.load(Ordering::Relaxed)
    }

    /// The lanes that have not ended, in the order in which they were made.
    pub fn unfinished(&self) -> Vec<Unfinished> {
        let state = self.state();
        let lanes = state.recording.lanes.iter().zip(&state.lanes).enumerate();
        lanes
            .filter(|(_, (_, lane))| !lane.ended)
            .map(|(id, (info, lane))| Unfinished {
                lane: LaneId(id),
                name: info.name.clone(),
                made_at: info.made_at.clone(),
                since: lane.since,
                last_said: lane.last_said.clone(),
                task: lane.task,
            })
            .collect()
    }

    /// The progress so far.
    pub(in crate::stage) fn progress(&self) -> Progress {
        let state = self.state();
        let polls = self.0.activity.load(Ordering::Relaxed);
        Progress { polls, lane_changes: state.lane_changes, lines: state.lines }
    }

    /// The lane whose `poll` runs right now; if several threads poll, the lane of one of them.
    pub fn polling(&self) -> Option<LaneId> {
        self.0.polling.load(Ordering::Relaxed).checked_sub(1).map(LaneId)
    }

    /// Records that the lane is polled because of its own wake, not because a sibling was woken.
    pub(in crate::stage) fn woke(&self, lane: LaneId, since: Option<Instant>) {
        if self.is_watched() {
            let mut state = self.state();
            let at = self.elapsed();
            let lane = &mut state.lanes[lane.0];
            lane.since = Some(at);
            lane.task = task::try_id();
        }
        if let Some(since) = since {
            self.polled_late(lane, since);
        }
    }
}
