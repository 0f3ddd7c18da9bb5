//! A recorder hears its run until it is frozen, and of two threads it hears one at a time.

use std::{
    panic::Location,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use super::{
    recording::{
        Ending, Event, KnobInfo, LaneId, LaneInfo, MAX_EVENTS, Question, Recording, What,
    },
    watched::Live,
};

/// A wake that is answered sooner is no event: less than a millisecond is the way from a wake to
/// its poll, and in virtual time there is nothing between none and one.
const A_WHILE: Duration = Duration::from_millis(1);

/// Who is told of every line: the time, the lane's name, the text.
type Listener = dyn Fn(Duration, Option<&str>, &str) + Send + Sync;

/// Hears one run. Cloning it gives a second handle to the same run.
#[derive(Clone)]
pub struct Recorder(pub(super) Arc<Shared>);

pub(super) struct Shared {
    pub(super) start: OnceLock<Instant>,
    pub(super) keeps_events: bool,
    pub(super) settings: Vec<(String, String)>,
    pub(super) listener: Box<Listener>,
    pub(super) steps: AtomicU64,
    /// Whether a watchdog looks on. What only its reports need costs nothing in other runs.
    pub(super) watched: AtomicBool,
    /// Counts polls of lanes, so that a watchdog can tell a busy run from a blocked one.
    pub(super) activity: AtomicU64,
    /// The lane being polled, plus one; zero for none.
    pub(super) polling: AtomicUsize,
    /// The recorder that hears the run in place of this one for a while.
    pub(super) stand_in: Mutex<Option<Recorder>>,
    pub(super) state: Mutex<State>,
}

/// What the lock guards.
#[derive(Default)]
pub(super) struct State {
    pub(super) recording: Recording,
    pub(super) frozen: bool,
    pub(super) live: Vec<Live>,
    /// How many lanes were made or ended, and how many lines said.
    pub(super) turns: u64,
    pub(super) lines: u64,
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
    /// A recorder that keeps every event and tells nobody.
    pub fn silent() -> Self {
        Self::new(true, Vec::new(), |_, _, _| {})
    }

    /// A recorder whose knobs are set to `settings`, and which hands every line, as it is said,
    /// to `listener`: the time, the lane's name, the text.
    ///
    /// Without `keeps_events` only the listener hears: nothing is kept for a timeline.
    pub fn new(
        keeps_events: bool,
        settings: Vec<(String, String)>,
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
            stand_in: Mutex::default(),
            state: Mutex::default(),
        }))
    }

    /// Starts the clock. Call it inside the runtime, or a paused clock is not seen.
    pub fn begin(&self) {
        self.0.start.get_or_init(Instant::now);
    }

    /// Time since [`begin`](Self::begin), zero before it.
    pub fn elapsed(&self) -> Duration {
        self.0.start.get().map_or(Duration::ZERO, Instant::elapsed)
    }

    /// Time from [`begin`](Self::begin) to `moment`, for threads that do not see a paused clock.
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

    /// Ends the recording as if this had been the moment.
    pub fn freeze_at(&self, end: Duration) {
        self.state().freeze(end);
    }

    /// A copy of what was recorded so far.
    pub fn recording(&self) -> Recording {
        let state = self.state();
        let now = self.elapsed();
        let end = if state.frozen { state.recording.end } else { now };
        Recording { end, ..state.recording.clone() }
    }

    pub(in crate::stage) fn made(
        &self,
        name: String,
        made_at: &'static Location<'static>,
    ) -> LaneId {
        let mut state = self.state();
        let at = self.elapsed();
        let lane = LaneId(state.recording.lanes.len());
        state.recording.lanes.push(LaneInfo { name, made_at });
        state.live.push(Live::default());
        state.turns += 1;
        self.keep(&mut state, Event { at, lane: Some(lane), what: What::Made });
        lane
    }

    pub(in crate::stage) fn said(&self, lane: Option<LaneId>, text: &str) {
        let (at, name) = {
            let mut state = self.state();
            if state.frozen {
                return;
            }
            // Under the lock, here and below: of two threads the later one is recorded later.
            let at = self.elapsed();
            state.lines += 1;
            self.keep(&mut state, Event { at, lane, what: What::Said(text.to_owned()) });
            let name = lane.map(|LaneId(id)| {
                state.live[id].last_said = Some(text.to_owned());
                state.recording.lanes[id].name.clone()
            });
            (at, name)
        };
        // Outside the lock: a slow terminal must not hold up the other workers.
        (self.0.listener)(at, name.as_deref(), text);
    }

    pub(in crate::stage) fn happened(&self, lane: LaneId, what: What) {
        let mut state = self.state();
        let at = self.elapsed();
        if matches!(what, What::Ended(_)) {
            state.live[lane.0].ended = true;
            state.turns += 1;
        }
        self.keep(&mut state, Event { at, lane: Some(lane), what });
    }

    /// Whether a lane must know when it is woken.
    pub(in crate::stage) fn follows_wakes(&self) -> bool {
        self.0.keeps_events || self.is_watched()
    }

    /// The lane has been woken, and not polled until now, or never will be.
    pub(in crate::stage) fn kept_waiting(&self, lane: LaneId, since: Instant) {
        if self.0.keeps_events && since.elapsed() >= A_WHILE {
            self.happened(lane, What::Unpolled { since: self.elapsed_at(since) });
        }
    }

    /// Gives a lane that was not polled yet to the run that turns out to poll it first: an
    /// argument of `Transcript::of` is made before the transcript begins.
    pub(in crate::stage) fn hand_over(&self, lane: LaneId, heir: &Self) -> LaneId {
        self.happened(lane, What::Ended(Ending::NeverPolled));
        let LaneInfo { name, made_at } = self.state().recording.lanes[lane.0].clone();
        heir.made(name, made_at)
    }

    pub(in crate::stage) fn next_step(&self) -> u64 {
        self.0.steps.fetch_add(1, Ordering::Relaxed)
    }

    /// The value `--set` gave to this knob.
    pub(in crate::stage) fn setting(&self, knob: &str) -> Option<&str> {
        let settings = self.0.settings.iter().rev();
        settings.clone().find(|(name, _)| name == knob).map(|(_, value)| value.as_str())
    }

    pub(in crate::stage) fn declared(&self, knob: KnobInfo) {
        let mut state = self.state();
        if state.recording.knobs.iter().all(|known| known.name != knob.name) {
            state.recording.knobs.push(knob);
        }
    }

    /// Keeps the first question of a run.
    pub(in crate::stage) fn asked(&self, question: Question) {
        self.state().recording.question.get_or_insert(question);
    }

    fn keep(&self, state: &mut State, event: Event) {
        if !self.0.keeps_events || state.frozen {
            return;
        }
        if state.recording.events.len() == MAX_EVENTS {
            state.recording.lost += 1;
        } else {
            state.recording.events.push(event);
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // A panic of the play must not silence the report about it.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
