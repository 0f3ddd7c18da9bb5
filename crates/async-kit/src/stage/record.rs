//! A recording holds everything a run shows of itself: its lanes, and what happened in them.
//!
//! The [`Recorder`] of a run is found through a thread-local, so a lane or a `say!` needs no
//! handle, tests may run in parallel, and a multi-thread runtime installs the same recorder on
//! each of its workers.

use std::{
    cell::{Cell, RefCell},
    panic::Location,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{task, time::Instant};

/// More events than this are counted and not kept: arbitrary, because a timeline of 100,000
/// marks already shows nothing, and a runaway loop must not eat the machine's memory.
pub const MAX_EVENTS: usize = 100_000;

/// A row of the timeline: the position of its [`LaneInfo`] in [`Recording::lanes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaneId(pub usize);

/// What a run left behind, in the order in which it happened.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// Every lane, in the order in which they were made.
    pub lanes: Vec<LaneInfo>,
    /// Every event, in the order in which they happened; times never go back.
    pub events: Vec<Event>,
    /// How long the run took, from its beginning until the section ended.
    pub end: Duration,
    /// How many events came after [`MAX_EVENTS`] and were not kept.
    pub lost: usize,
    /// The knobs that the run asked for, in that order.
    pub knobs: Vec<KnobInfo>,
}

/// Who a lane is.
#[derive(Clone, Debug)]
pub struct LaneInfo {
    /// The name given to `.lane(…)`; several lanes may share one.
    pub name: String,
    /// Where `.lane(…)` was called.
    pub made_at: &'static Location<'static>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Time since the run began.
    pub at: Duration,
    /// The lane it happened in, or none for a line said outside any lane.
    pub lane: Option<LaneId>,
    /// What it was.
    pub what: What,
}

/// The kinds of [`Event`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// `.lane(…)` was called; the future has not been polled yet.
    Made,
    /// The lane's future was polled for the first time.
    Started,
    /// A line was said.
    Said(String),
    /// A step began. Steps have ids, unique in a recording, because two may overlap in a lane.
    StepIn(u64, String),
    /// The step with this id ended.
    StepOut(u64),
    /// The lane ended.
    Ended(Ending),
}

/// How a lane ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It ran to its end.
    Done,
    /// It ran to its end and returned `Err` (lanes made with `try_lane` only).
    Failed,
    /// It panicked.
    Panicked,
    /// It was dropped before its end: cancelled.
    Dropped,
    /// It was dropped without ever having been polled.
    NeverPolled,
}

/// A knob, as the run declared it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnobInfo {
    /// The name to give to `--set`.
    pub name: String,
    /// The value without `--set`.
    pub default: String,
    /// The value in this run.
    pub value: String,
    /// The allowed values, as in `1..=10`.
    pub range: String,
    /// Why the value asked for was refused; the run then used the default.
    pub refused: Option<String>,
}

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

/// Tells one run from another: the number of a lane means nothing to another recorder.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct RunId(usize);

type Listener = dyn Fn(Duration, Option<&str>, &str) + Send + Sync;

/// Hears one run. Cloning it gives a second handle to the same run.
#[derive(Clone)]
pub struct Recorder(Arc<Shared>);

struct Shared {
    start: OnceLock<Instant>,
    keeps_events: bool,
    settings: Vec<(String, String)>,
    listener: Box<Listener>,
    steps: AtomicU64,
    /// Whether a watchdog looks on. What only its reports need costs nothing in other runs.
    watched: AtomicBool,
    /// Counts polls of lanes, so that a watchdog can tell a busy run from a blocked one.
    activity: AtomicU64,
    /// The lane being polled, plus one; zero for none.
    polling: AtomicUsize,
    /// The recorder that hears the run in place of this one for a while.
    stand_in: Mutex<Option<Recorder>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    recording: Recording,
    frozen: bool,
    live: Vec<Live>,
    /// How many lanes were made or ended, and how many lines said.
    turns: u64,
    lines: u64,
}

/// What a watchdog counts: any number that grows is a sign of life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Signs {
    /// Polls of lanes.
    pub(super) polls: u64,
    /// Lanes made or ended.
    pub(super) turns: u64,
    /// Lines said.
    pub(super) lines: u64,
}

#[derive(Default)]
struct Live {
    ended: bool,
    since: Option<Duration>,
    last_said: Option<String>,
    task: Option<task::Id>,
}

thread_local! {
    static CURRENT: RefCell<Option<Recorder>> = const { RefCell::new(None) };
    static LANE: Cell<Option<(RunId, LaneId)>> = const { Cell::new(None) };
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

    /// The recorder of the run this thread works for.
    pub fn current() -> Option<Self> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Makes this the recorder of the calling thread until the guard is dropped.
    #[must_use = "dropping the guard at once brings the previous recorder back at once"]
    pub fn install(&self) -> Installed {
        let previous = CURRENT.replace(Some(self.clone()));
        if let Some(previous) = previous.as_ref().filter(|it| it.run() != self.run()) {
            previous.hear_through(Some(self.clone()));
            if previous.is_watched() {
                self.watch();
            }
        }
        Installed { previous }
    }

    /// The recorder that hears this run now: this one, or the one of a transcript inside it.
    pub(super) fn in_force(&self) -> Self {
        let stand_in =
            self.0.stand_in.lock().unwrap_or_else(PoisonError::into_inner).clone();
        stand_in.map_or_else(|| self.clone(), |inner| inner.in_force())
    }

    fn hear_through(&self, stand_in: Option<Self>) {
        *self.0.stand_in.lock().unwrap_or_else(PoisonError::into_inner) = stand_in;
    }

    /// Makes this the recorder of the calling thread for as long as the thread lives: for
    /// `on_thread_start` of a multi-thread runtime.
    pub fn install_for_good(&self) {
        CURRENT.set(Some(self.clone()));
    }

    /// Follows who polls and who is woken from now on, for the reports of a watchdog.
    pub(super) fn watch(&self) {
        self.0.watched.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_watched(&self) -> bool {
        self.0.watched.load(Ordering::Relaxed)
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
    pub(super) fn elapsed_at(&self, moment: Instant) -> Duration {
        let start = self.0.start.get();
        start.map_or(Duration::ZERO, |start| moment.saturating_duration_since(*start))
    }

    /// Ends the recording at this moment: what happens later is not part of it.
    pub fn freeze(&self) {
        self.freeze_at(self.elapsed());
    }

    /// Ends the recording as if this had been the moment.
    pub fn freeze_at(&self, end: Duration) {
        let mut state = self.state();
        if !state.frozen {
            state.frozen = true;
            state.recording.end = end;
        }
    }

    /// A copy of what was recorded so far.
    pub fn recording(&self) -> Recording {
        let state = self.state();
        let now = self.elapsed();
        let end = if state.frozen { state.recording.end } else { now };
        Recording { end, ..state.recording.clone() }
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
    pub(super) fn signs(&self) -> Signs {
        let state = self.state();
        let polls = self.0.activity.load(Ordering::Relaxed);
        Signs { polls, turns: state.turns, lines: state.lines }
    }

    /// The lane that is inside its `poll` right now (of one thread, if several poll at once).
    pub fn polling(&self) -> Option<LaneId> {
        self.0.polling.load(Ordering::Relaxed).checked_sub(1).map(LaneId)
    }

    pub(super) fn made(
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

    pub(super) fn said(&self, lane: Option<LaneId>, text: &str) {
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

    pub(super) fn happened(&self, lane: LaneId, what: What) {
        let mut state = self.state();
        let at = self.elapsed();
        if matches!(what, What::Ended(_)) {
            state.live[lane.0].ended = true;
            state.turns += 1;
        }
        self.keep(&mut state, Event { at, lane: Some(lane), what });
    }

    /// Gives a lane that was not polled yet to the run that turns out to poll it first: an
    /// argument of `Transcript::of` is made before the transcript begins.
    pub(super) fn hand_over(&self, lane: LaneId, heir: &Self) -> LaneId {
        self.happened(lane, What::Ended(Ending::NeverPolled));
        let LaneInfo { name, made_at } = self.state().recording.lanes[lane.0].clone();
        heir.made(name, made_at)
    }

    pub(super) fn run(&self) -> RunId {
        RunId(Arc::as_ptr(&self.0).addr())
    }

    /// The lane is polled because of its own wake, not because a sibling was.
    pub(super) fn woke(&self, lane: LaneId) {
        let mut state = self.state();
        let at = self.elapsed();
        let live = &mut state.live[lane.0];
        live.since = Some(at);
        live.task = task::try_id();
    }

    pub(super) fn next_step(&self) -> u64 {
        self.0.steps.fetch_add(1, Ordering::Relaxed)
    }

    /// The value `--set` gave to this knob.
    pub(super) fn setting(&self, knob: &str) -> Option<&str> {
        let settings = self.0.settings.iter().rev();
        settings.clone().find(|(name, _)| name == knob).map(|(_, value)| value.as_str())
    }

    pub(super) fn declared(&self, knob: KnobInfo) {
        let mut state = self.state();
        if state.recording.knobs.iter().all(|known| known.name != knob.name) {
            state.recording.knobs.push(knob);
        }
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

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic of the play must not silence the report about it.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Brings the previous recorder of the thread back when dropped.
#[must_use = "dropping the guard at once brings the previous recorder back at once"]
pub struct Installed {
    previous: Option<Recorder>,
}

impl Drop for Installed {
    fn drop(&mut self) {
        let previous = self.previous.take();
        if let Some(previous) = &previous {
            previous.hear_through(None);
        }
        CURRENT.set(previous);
    }
}

/// The lane that is being polled on this thread, if the thread's recorder knows it.
pub(super) fn current_lane() -> Option<LaneId> {
    let (run, lane) = LANE.get()?;
    let known = CURRENT.with_borrow(|recorder| recorder.as_ref().map(Recorder::run));
    (known == Some(run)).then_some(lane)
}

/// Makes `lane` the current one of this thread until the guard is dropped.
pub(super) struct InLane<'a> {
    recorder: &'a Recorder,
    outer: Option<(RunId, LaneId)>,
}

impl<'a> InLane<'a> {
    pub(super) fn enter(recorder: &'a Recorder, lane: LaneId) -> Self {
        if recorder.is_watched() {
            recorder.0.activity.fetch_add(1, Ordering::Relaxed);
            recorder.0.polling.store(lane.0 + 1, Ordering::Relaxed);
        }
        Self { recorder, outer: LANE.replace(Some((recorder.run(), lane))) }
    }
}

impl Drop for InLane<'_> {
    fn drop(&mut self) {
        if self.recorder.is_watched() {
            let polling = self.outer.map_or(0, |(_, LaneId(id))| id + 1);
            self.recorder.0.polling.store(polling, Ordering::Relaxed);
        }
        LANE.set(self.outer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_never_go_back_though_two_threads_speak() {
        let recorder = Recorder::silent();
        recorder.begin();
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| (0..MAX_EVENTS / 2).for_each(|_| recorder.said(None, "")));
            }
        });
        let recording = recorder.recording();
        let backwards = recording.events.windows(2).filter(|two| two[0].at > two[1].at);
        assert_eq!(backwards.count(), 0, "of {}", recording.events.len());
        assert!(recording.events.iter().all(|event| event.at <= recording.end));
    }
}
