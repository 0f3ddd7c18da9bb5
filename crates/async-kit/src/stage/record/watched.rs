//! Signs of life are followed only in a run that a watchdog looks on.

use std::{panic::Location, sync::atomic::Ordering, time::Duration};

use tokio::{task, time::Instant};

use super::{LaneId, Recorder};

/// A lane that had not ended, as a report about a stuck run needs it.
#[derive(Clone, Debug)]
pub struct Unfinished {
    /// The lane.
    pub lane: LaneId,
    /// Its name.
    pub name: String,
    /// Where it was made.
    pub made_at: &'static Location<'static>,
    /// When it was last polled because of its own wake; `None` if it never was polled.
    pub since: Option<Duration>,
    /// What it said last.
    pub last_said: Option<String>,
    /// The Tokio task that polled it last.
    pub task: Option<task::Id>,
}

/// What a watchdog counts: any number that grows is a sign of life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::stage) struct Signs {
    /// Polls of lanes.
    pub(in crate::stage) polls: u64,
    /// Lanes made or ended.
    pub(in crate::stage) turns: u64,
    /// Lines said.
    pub(in crate::stage) lines: u64,
}

/// What only a report about a stuck run asks of a lane.
#[derive(Default)]
pub(super) struct Live {
    pub(super) ended: bool,
    pub(super) since: Option<Duration>,
    pub(super) last_said: Option<String>,
    pub(super) task: Option<task::Id>,
}

impl Recorder {
    /// Follows who polls and who is woken from now on, for the reports of a watchdog.
    pub(in crate::stage) fn watch(&self) {
        self.0.watched.store(true, Ordering::Relaxed);
    }

    pub(in crate::stage) fn is_watched(&self) -> bool {
        self.0.watched.load(Ordering::Relaxed)
    }

    /// The lanes that have not ended, in the order in which they were made.
    pub fn unfinished(&self) -> Vec<Unfinished> {
        let state = self.state();
        let lanes = state.recording.lanes.iter().zip(&state.live).enumerate();
        lanes
            .filter(|(_, (_, live))| !live.ended)
            .map(|(id, (info, live))| Unfinished {
                lane: LaneId(id),
                name: info.name.clone(),
                made_at: info.made_at,
                since: live.since,
                last_said: live.last_said.clone(),
                task: live.task,
            })
            .collect()
    }

    /// The signs of life so far.
    pub(in crate::stage) fn signs(&self) -> Signs {
        let state = self.state();
        let polls = self.0.activity.load(Ordering::Relaxed);
        Signs { polls, turns: state.turns, lines: state.lines }
    }

    /// The lane that is inside its `poll` right now (of one thread, if several poll at once).
    pub fn polling(&self) -> Option<LaneId> {
        self.0.polling.load(Ordering::Relaxed).checked_sub(1).map(LaneId)
    }

    /// The lane is polled because of its own wake, not because a sibling was.
    pub(in crate::stage) fn woke(&self, lane: LaneId, since: Option<Instant>) {
        if self.is_watched() {
            let mut state = self.state();
            let at = self.elapsed();
            let live = &mut state.live[lane.0];
            live.since = Some(at);
            live.task = task::try_id();
        }
        if let Some(since) = since {
            self.kept_waiting(lane, since);
        }
    }
}
