//! A recording is plain data: the lanes of a run, and its events in the order in which they happened.

use std::time::Duration;

use super::place::Place;

/// More events than this are counted and not kept: arbitrary, because a timeline of 100,000
/// marks already shows nothing, and an endless loop must not use up the machine's memory.
pub const MAX_EVENTS: usize = 100_000;

/// A row of the timeline: the position of its [`LaneInfo`] in [`Recording::lanes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaneId(pub usize);

/// Everything that was recorded of a run.
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
    /// The setting that the run suggests to try next, if any.
    pub question: Option<Question>,
    /// The other processes whose lanes were added, in the order of their first parts.
    pub processes: Vec<ProcessInfo>,
}

/// Another process, whose lanes a recording has too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessInfo {
    /// Its name, which begins the names of its lanes.
    pub name: String,
    /// The times of its events may be too early or too late by at most this, because its clock is not
    /// that of the run.
    pub within: Duration,
}

/// The name of a lane, and where it was made.
#[derive(Clone, Debug)]
pub struct LaneInfo {
    /// The name given to `.lane(…)`; several lanes may share one.
    pub name: String,
    /// Where `.lane(…)` was called. Of a task of an asyncio program: where it was made, if the program
    /// itself made it.
    pub made_at: Option<Place>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Time since the run began.
    pub at: Duration,
    /// The lane it happened in, or none for a line said outside any lane.
    pub lane: Option<LaneId>,
    /// What happened.
    pub what: What,
    /// The line of the program, if it is known: for a line said where `say!` was called, for the
    /// beginning of a step where `.step(…)` was called, and for [`What::Waits`] where the task waits.
    pub place: Option<Place>,
}

/// The kinds of [`Event`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// `.lane(…)` was called; the future has not been polled yet.
    Made,
    /// The lane's future was polled for the first time.
    Started,
    /// The lane was woken and is polled or dropped only now: its thread was blocked, or the task
    /// that polls it did something else.
    ///
    /// Three cases are not recorded: a delay of less than 1 ms, a wake by a thread without a
    /// runtime, and a lane that is not yet polled when the recording ends.
    Unpolled {
        /// When the lane was woken, as time since the run began. If it was woken during a poll, when
        /// that poll ended.
        since: Duration,
    },
    /// A line was said.
    Said(String),
    /// A step began. Steps have ids, unique in a recording, because two may overlap in a lane.
    StepIn(u64, String),
    /// The step with this id ended.
    StepOut(u64),
    /// The lane waits from now on: only an asyncio program knows where.
    Waits,
    /// The lane ended.
    Ended(Ending),
}

/// How a lane ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Its future returned.
    Done,
    /// Its future returned `Err` (only lanes made with `try_lane`).
    Failed,
    /// It panicked.
    Panicked,
    /// It was dropped before its end: cancelled.
    Dropped,
    /// It was dropped and had never been polled.
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
    /// Why the value given with `--set` was refused. The run then used the default.
    pub refused: Option<String>,
}

/// A setting to try, and what to look for when it is tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What to give to `--set`, as in `capacity=1`.
    pub setting: String,
    /// What to predict before the run, as in `when is item 5 produced?`.
    pub text: String,
}
