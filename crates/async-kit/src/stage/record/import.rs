//! The lanes of another process become lanes of this run, at the times of this run's clock.

use std::{collections::HashMap, time::Duration};

use super::{
    clocks::Clocks,
    part::{Part, PartError},
    recorder::{LaneStatus, Recorder, State},
    recording::{Ending, Event, LaneId, LaneInfo, ProcessInfo, What},
};

/// Another process, whose parts are added to this run; made by [`Recorder::import`].
///
/// Dropping it ends each open lane as dropped, at the time up to which the process is known: the process was
/// killed, or it sends no more parts. What it did after its last part is lost.
#[must_use = "dropping it ends the lanes of the process"]
pub struct Import {
    recorder: Recorder,
    process: String,
    /// The position of the process in the recording, once a part was added.
    listed: Option<usize>,
    /// The lanes that have not ended, by their numbers in the process.
    open: HashMap<LaneId, LaneId>,
    /// The steps that have not ended, by their ids in the process.
    steps: HashMap<u64, u64>,
    /// The time up to which the process is known.
    known_to: Duration,
}

impl Recorder {
    /// Begins to add what another process has recorded. Its lanes are named `PROCESS › LANE`, and every
    /// picture and record of this run shows them.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_kit::{Lane, Millis, Transcript, say, virtual_time};
    /// use async_kit::stage::record::{Clocks, Recorder};
    /// use tokio::time::sleep;
    /// # use std::num::NonZeroUsize;
    ///
    /// let seen = virtual_time(Transcript::of(async {
    ///     // In the other process, which begins 40 ms after this one:
    ///     sleep(40.ms()).await;
    ///     let theirs = Recorder::silent();
    ///     theirs.record(async { async { say!("hello") }.lane("greeter").await }).await;
    ///     // In this process, when the part has arrived:
    ///     sleep(60.ms()).await;
    ///     let mut worker = Recorder::current().unwrap().import("worker-2");
    ///     let clocks = Clocks { theirs: 0.ms(), ours: 40.ms(), within: 1.ms() };
    ///     worker.add(theirs.take_part(NonZeroUsize::MAX), &clocks).unwrap();
    /// }));
    /// assert_eq!(seen.to_string(), "[  0.040s] worker-2 › greeter hello\n");
    /// ```
    pub fn import(&self, process: impl Into<String>) -> Import {
        Import {
            recorder: self.clone(),
            process: process.into(),
            listed: None,
            open: HashMap::new(),
            steps: HashMap::new(),
            known_to: Duration::ZERO,
        }
    }
}

impl Import {
    /// Adds the next part of the process. Parts are added in the order in which they were taken.
    ///
    /// Its lines are drawn and not printed, because later lines of this run are already printed when they
    /// arrive. No event lies in the future, and the times of the process never go back, even if
    /// `clocks` says so. After the recording has ended, nothing is added.
    ///
    /// # Errors
    ///
    /// [`PartError`], and nothing is added.
    pub fn add(&mut self, part: Part, clocks: &Clocks) -> Result<(), PartError> {
        part.check()?;
        let recorder = self.recorder.clone();
        let mut state = recorder.state();
        if state.frozen {
            return Ok(());
        }
        let now = recorder.elapsed();
        let Part { recording, lanes: numbers } = part;
        self.list(&mut state, clocks.within_at(recording.end));
        for Event { at, lane, what, place } in recording.events {
            let at = self.at(at, clocks, now);
            let number = lane.map(|LaneId(position)| numbers[position]);
            let ours = lane.zip(number).map(|(LaneId(position), number)| {
                self.lane(&mut state, number, &recording.lanes[position])
            });
            let what = self.what(what, at, number, clocks);
            recorder.keep(&mut state, Event { at, lane: ours, what, place });
        }
        self.at(recording.end, clocks, now);
        let lost = &mut state.recording.lost;
        *lost = lost.saturating_add(recording.lost);
        state.in_order();
        Ok(())
    }

    /// Lists the process, with the largest uncertainty of its times so far.
    fn list(&mut self, state: &mut State, within: Duration) {
        let processes = &mut state.recording.processes;
        let position = *self.listed.get_or_insert_with(|| {
            let (name, within) = (self.process.clone(), Duration::ZERO);
            processes.push(ProcessInfo { name, within });
            processes.len() - 1
        });
        let listed = &mut processes[position].within;
        *listed = within.max(*listed);
    }

    /// The time of this run, neither before an earlier event of the process nor after `now`.
    fn at(&mut self, theirs: Duration, clocks: &Clocks, now: Duration) -> Duration {
        self.known_to = clocks.ours_at(theirs).min(now).max(self.known_to);
        self.known_to
    }

    fn lane(&mut self, state: &mut State, number: LaneId, info: &LaneInfo) -> LaneId {
        *self.open.entry(number).or_insert_with(|| {
            let lane = LaneId(state.recording.lanes.len());
            let name = format!("{} › {}", self.process, info.name);
            state.recording.lanes.push(LaneInfo { name, made_at: info.made_at.clone() });
            // A report about a stuck run must not wait for another process.
            state.lanes.push(LaneStatus { ended: true, ..LaneStatus::default() });
            lane
        })
    }

    /// What happened, with the times and the steps of this run.
    fn what(
        &mut self,
        what: What,
        at: Duration,
        number: Option<LaneId>,
        clocks: &Clocks,
    ) -> What {
        match what {
            What::Unpolled { since } => {
                What::Unpolled { since: clocks.ours_at(since).min(at) }
            }
            What::StepIn(id, label) => What::StepIn(self.step(id), label),
            What::StepOut(id) => What::StepOut(self.step_out(id)),
            What::Ended(ending) => {
                number.and_then(|number| self.open.remove(&number));
                What::Ended(ending)
            }
            What::Made | What::Started | What::Said(_) | What::Waits => what,
        }
    }

    fn step(&mut self, theirs: u64) -> u64 {
        let ours = self.recorder.next_step();
        self.steps.insert(theirs, ours);
        ours
    }

    /// A step that did not begin has a new id, so that it ends no step of another process.
    fn step_out(&mut self, theirs: u64) -> u64 {
        self.steps.remove(&theirs).unwrap_or_else(|| self.recorder.next_step())
    }
}

impl Drop for Import {
    fn drop(&mut self) {
        let mut open: Vec<_> = self.open.values().copied().collect();
        open.sort();
        let mut state = self.recorder.state();
        for lane in open {
            let what = What::Ended(Ending::Dropped);
            let (at, lane) = (self.known_to, Some(lane));
            self.recorder.keep(&mut state, Event { at, lane, what, place: None });
        }
        state.in_order();
    }
}

impl State {
    /// Sorts the events by time, because some were added late. Events at the same time keep their order.
    fn in_order(&mut self) {
        self.recording.events.sort_by_key(|event| event.at);
    }
}
