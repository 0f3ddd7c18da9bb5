//! A recorder records the events of all threads of its run, in order, until it is frozen.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{task, time::Instant};

use super::{
    place::Place,
    recording::{
        Ending, Event, KnobInfo, LaneId, LaneInfo, MAX_EVENTS, Question, Recording, What,
    },
    settings::Settings,
};

/// A shorter time between a wake and its poll is not recorded: on a real clock the runtime needs such
/// a time to reach the task, and virtual time has whole milliseconds only.
const MIN_DELAY: Duration = Duration::from_millis(1);

/// Called with every line: the time, the lane's name, the text.
type Listener = dyn Fn(Duration, Option<&str>, &str) + Send + Sync;

/// Records one run. Cloning it gives a second handle to the same run.
#[derive(Clone)]
pub struct Recorder(pub(super) Arc<Shared>);

pub(super) struct Shared {
    pub(super) start: OnceLock<Instant>,
    pub(super) keeps_events: bool,
    pub(super) settings: Settings,
    pub(super) listener: Box<Listener>,
    pub(super) steps: AtomicU64,
    /// Whether a watchdog observes the run. If none does, the data for its reports is not recorded.
    pub(super) watched: AtomicBool,
    /// Counts polls of lanes, so that a watchdog can distinguish a busy run from a blocked one.
    pub(super) activity: AtomicU64,
    /// The lane being polled, plus one; zero for none.
    pub(super) polling: AtomicUsize,
    /// The recorder of a transcript inside this run, which records instead of this one.
    pub(super) delegate: Mutex<Option<Recorder>>,
    pub(super) state: Mutex<State>,
}

/// The part of a recorder that its lock protects.
#[derive(Default)]
pub(super) struct State {
    pub(super) recording: Recording,
    pub(super) frozen: bool,
    /// The status of each lane of the recording.
    pub(super) lanes: Vec<LaneStatus>,
    /// How many lanes were made or ended.
    pub(super) lane_changes: u64,
    /// How many lines were said.
    pub(super) lines: u64,
}

/// The status of a lane, for a report about a stuck run.
#[derive(Default)]
pub(super) struct LaneStatus {
    pub(super) ended: bool,
    /// When it was last polled because of its own wake.
    pub(super) since: Option<Duration>,
    pub(super) last_said: Option<String>,
    /// The Tokio task that polled it last.
    pub(super) task: Option<task::Id>,
}

impl State {
    fn freeze(&mut self, end: Duration) {
        if !self.frozen {
            self.frozen = true;
            self.recording.end = end;
        }
    }
}

impl Recorder {
    /// A recorder that keeps every event and prints nothing.
    pub fn silent() -> Self {
        Self::new(true, Settings::default(), |_, _, _| {})
    }

    /// A recorder with these settings, which calls `listener` with every line as it is said: the
    /// time, the lane's name, the text.
    ///
    /// Without `keeps_events` the events go to the listener only, and no timeline can be drawn.
    pub fn new(
        keeps_events: bool,
        settings: Settings,
        listener: impl Fn(Duration, Option<&str>, &str) + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Shared {
            start: OnceLock::new(),
            keeps_events,
            settings,
            listener: Box::new(listener),
            steps: AtomicU64::new(0),
            watched: AtomicBool::new(false),
            activity: AtomicU64::new(0),
            polling: AtomicUsize::new(0),
            delegate: Mutex::default(),
            state: Mutex::default(),
        }))
    }

    /// Starts the clock. Call it inside the runtime: a paused clock exists only there.
    pub fn begin(&self) {
        self.0.start.get_or_init(Instant::now);
    }

    /// Time since [`begin`](Self::begin); zero before it.
    pub fn elapsed(&self) -> Duration {
        self.0.start.get().map_or(Duration::ZERO, Instant::elapsed)
    }

    /// Time from [`begin`](Self::begin) to `moment`, for threads outside the paused runtime.
    pub(in crate::stage) fn elapsed_at(&self, moment: Instant) -> Duration {
        let start = self.0.start.get();
        start.map_or(Duration::ZERO, |start| moment.saturating_duration_since(*start))
    }

    /// Ends the recording at this moment: what happens later is not part of it.
    pub fn freeze(&self) {
        let mut state = self.state();
        let now = self.elapsed();
        state.freeze(now);
    }

    /// Ends the recording at `end`, a time since [`begin`](Self::begin).
    pub fn freeze_at(&self, end: Duration) {
        self.state().freeze(end);
    }

    /// A copy of everything that was recorded so far.
    pub fn recording(&self) -> Recording {
        let state = self.state();
        let now = self.elapsed();
        let end = if state.frozen { state.recording.end } else { now };
        Recording { end, ..state.recording.clone() }
    }

    pub(in crate::stage) fn made(&self, name: String, made_at: Option<Place>) -> LaneId {
        let mut state = self.state();
        let at = self.elapsed();
        let lane = LaneId(state.recording.lanes.len());
        state.recording.lanes.push(LaneInfo { name, made_at });
        state.lanes.push(LaneStatus::default());
        state.lane_changes += 1;
        self.keep(
            &mut state,
            Event { at, lane: Some(lane), what: What::Made, place: None },
        );
        lane
    }

    pub(in crate::stage) fn said(&self, lane: Option<LaneId>, text: &str, place: Place) {
        let (at, name) = {
            let mut state = self.state();
            if state.frozen {
                return;
            }
            // The clock is read under the lock, here and below, so that the times of events from
            // several threads never go back.
            let at = self.elapsed();
            state.lines += 1;
            let what = What::Said(text.to_owned());
            self.keep(&mut state, Event { at, lane, what, place: Some(place) });
            let name = lane.map(|LaneId(id)| {
                state.lanes[id].last_said = Some(text.to_owned());
                state.recording.lanes[id].name.clone()
            });
            (at, name)
        };
        // Outside the lock: a slow terminal must not block the other workers.
        (self.0.listener)(at, name.as_deref(), text);
    }

    pub(in crate::stage) fn happened(&self, lane: LaneId, what: What) {
        self.happened_at(lane, what, None);
    }

    pub(in crate::stage) fn happened_at(
        &self,
        lane: LaneId,
        what: What,
        place: Option<Place>,
    ) {
        let mut state = self.state();
        let at = self.elapsed();
        if matches!(what, What::Ended(_)) {
            state.lanes[lane.0].ended = true;
            state.lane_changes += 1;
        }
        self.keep(&mut state, Event { at, lane: Some(lane), what, place });
    }

    /// Whether lanes have to record when they are woken.
    pub(in crate::stage) fn records_wakes(&self) -> bool {
        self.0.keeps_events || self.is_watched()
    }

    /// Records that the lane was woken at `since` and is polled or dropped only now.
    pub(in crate::stage) fn polled_late(&self, lane: LaneId, since: Instant) {
        if self.0.keeps_events && since.elapsed() >= MIN_DELAY {
            self.happened(lane, What::Unpolled { since: self.elapsed_at(since) });
        }
    }

    /// Moves a lane that was not polled yet to the run that polls it first: an argument of
    /// `Transcript::of` is made before the transcript begins.
    pub(in crate::stage) fn move_lane(&self, lane: LaneId, new_owner: &Self) -> LaneId {
        self.happened(lane, What::Ended(Ending::NeverPolled));
        let LaneInfo { name, made_at } = self.state().recording.lanes[lane.0].clone();
        new_owner.made(name, made_at)
    }

    pub(in crate::stage) fn next_step(&self) -> u64 {
        self.0.steps.fetch_add(1, Ordering::Relaxed)
    }

    /// The settings that the reader chose for this run.
    pub(in crate::stage) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(in crate::stage) fn declared(&self, knob: KnobInfo) {
        let mut state = self.state();
        if state.recording.knobs.iter().all(|other| other.name != knob.name) {
            state.recording.knobs.push(knob);
        }
    }

    /// Keeps the first question of a run.
    pub(in crate::stage) fn asked(&self, question: Question) {
        self.state().recording.question.get_or_insert(question);
    }

    pub(super) fn keep(&self, state: &mut State, event: Event) {
        if !self.0.keeps_events || state.frozen {
            return;
        }
        if state.recording.events.len() == MAX_EVENTS {
            state.recording.lost = state.recording.lost.saturating_add(1);
        } else {
            state.recording.events.push(event);
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // A panic in the program must not prevent the report about it.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
