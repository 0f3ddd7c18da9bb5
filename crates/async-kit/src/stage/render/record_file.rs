//! A record holds everything that was recorded of some runs as JSON, for programs that read it.
//!
//! `--record FILE` of a [`Chapter`](crate::Chapter) writes it. This page describes its version 1.
//! A later version may add members to an object, so a reader ignores a member that it does not know.
//! If a member changes its meaning or is left out, the version changes.
//!
//! All times are whole numbers of microseconds since the run began. A *place* is a line of a program,
//! `[FILE, LINE]`: the position of the file in the run's `files`, from 0, and the number of the line,
//! from 1. A member marked with ? is left out if it is not known or does not apply.
//!
//! | the record | |
//! |---|---|
//! | `version` | `1` |
//! | `program` | the name of the chapter |
//! | `language` | `"rust"`, or `"python"` for an asyncio program, whose lanes are its tasks |
//! | `runs` | the runs, in their order; a section that ran twice is there twice |
//!
//! | a run | |
//! |---|---|
//! | `section`, `claim` | the name of the section, and what it shows |
//! | `clock` | `"virtual"` or `"real"` |
//! | `end` | how long the run took |
//! | `lost` | how many events are missing at the end, because there were more than 100,000 |
//! | `knobs` | what a reader can change |
//! | `question`? | the setting that the run suggests to try next, in `setting`, and in `text` what to predict |
//! | `processes`? | the other processes whose lanes the run has too |
//! | `failure`? | why the run failed: an error with its causes, a panic, or the report of a stuck run |
//! | `files` | the paths of the files in which places lie, from the root of the workspace, with `/` |
//! | `lanes` | the lanes, in the order in which they were made |
//! | `events` | the events, in the order in which they happened |
//!
//! | a knob | |
//! |---|---|
//! | `name`, `range` | `capacity`, and the values it accepts, `1..=10` |
//! | `default`, `value` | its value without a setting, and in this run |
//! | `refused`? | why the setting was refused; the run then used the default |
//!
//! | another process | |
//! |---|---|
//! | `name` | its name, which begins the names of its lanes |
//! | `within` | its times may be too early or too late by so much, because it has its own clock |
//!
//! | a lane | |
//! |---|---|
//! | `name` | its name, which another lane may have too |
//! | `place`? | where it was made |
//!
//! | an event | |
//! |---|---|
//! | `at` | when it happened |
//! | `lane`? | the position of the lane in `lanes`, from 0; none for a line that was said outside any lane |
//! | `what` | what happened, as in the table below |
//! | `place`? | the line of the program, for `said`, `in` and `waits` |
//!
//! | `what` | what happened | further members |
//! |---|---|---|
//! | `made` | the lane was made | |
//! | `started` | the lane was polled for the first time | |
//! | `unpolled` | the lane was woken at an earlier time, and is polled or dropped only now | `since`, that time |
//! | `said` | a line was said | `text` |
//! | `in` | a step began | `step`, its number, unique in the run, and its `label` |
//! | `out` | the step of this number ended | `step` |
//! | `waits` | the lane waits at its place from now on; in Python only | |
//! | `ended` | the lane ended | `how`: `done`, `failed`, `panicked`, `dropped`, `never polled` |

use std::time::Duration;

use super::{
    json::{Object, array, lines, quoted},
    rows::State,
};
use crate::stage::record::{
    Event, KnobInfo, LaneId, LaneInfo, Place, ProcessInfo, Question, Recording, What,
};

/// A run of a section, and how it ended.
#[derive(Clone, Debug)]
pub struct Run {
    /// The name of the section.
    pub section: String,
    /// What the section shows.
    pub claim: String,
    /// Whether the run was in virtual time.
    pub is_virtual: bool,
    /// Why the run failed, if it failed.
    pub failure: Option<String>,
    /// What was recorded.
    pub recording: Recording,
}

/// The language of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// The lanes are those of [`Lane`](crate::Lane).
    Rust,
    /// The lanes are asyncio's tasks.
    Python,
}

/// Writes runs of a program as one record, in the format that the [module](self) describes.
///
/// # Examples
///
/// ```
/// use async_kit::{Lane, Transcript, say, stage::record_file, virtual_time};
/// use record_file::{Language, Run};
///
/// let seen = virtual_time(Transcript::of(async { say!("hello") }.lane("greeter")));
/// let run = Run {
///     section: "greeting".into(),
///     claim: "a greeter greets".into(),
///     is_virtual: true,
///     failure: None,
///     recording: seen.recording().clone(),
/// };
/// let record = record_file::render("politeness", Language::Rust, &[run]);
/// assert!(record.contains(r#"{"at":0,"lane":0,"what":"said","text":"hello","place":[0,"#));
/// ```
pub fn render(program: &str, language: Language, runs: &[Run]) -> String {
    let language = match language {
        Language::Rust => "rust",
        Language::Python => "python",
    };
    let record = Object::new()
        .json("version", VERSION)
        .text("program", program)
        .text("language", language)
        .json("runs", array(runs.iter().map(run)));
    record.end() + "\n"
}

/// The version of the format.
const VERSION: u32 = 1;

fn run(run: &Run) -> String {
    let Recording { lanes, events, end, lost, knobs, question, processes } =
        &run.recording;
    let mut files = Files::default();
    let made = lines(lanes.iter().map(|lane| files.lane(lane)));
    let events = lines(events.iter().map(|event| files.event(event)));
    Object::new()
        .text("section", &run.section)
        .text("claim", &run.claim)
        .text("clock", if run.is_virtual { "virtual" } else { "real" })
        .json("end", micros(*end))
        .json("lost", lost)
        .json("knobs", array(knobs.iter().map(knob)))
        .optional("question", question.as_ref().map(asked))
        .optional(
            "processes",
            (!processes.is_empty()).then(|| array(processes.iter().map(process))),
        )
        .optional("failure", run.failure.as_deref().map(quoted))
        .json("files", array(files.0.iter().map(|file| quoted(file))))
        .json("lanes", made)
        .json("events", events)
        .end()
}

fn knob(knob: &KnobInfo) -> String {
    Object::new()
        .text("name", &knob.name)
        .text("default", &knob.default)
        .text("value", &knob.value)
        .text("range", &knob.range)
        .optional("refused", knob.refused.as_deref().map(quoted))
        .end()
}

fn process(ProcessInfo { name, within }: &ProcessInfo) -> String {
    let within = within.as_nanos().div_ceil(1_000);
    Object::new().text("name", name).json("within", within).end()
}

fn asked(Question { setting, text }: &Question) -> String {
    Object::new().text("setting", setting).text("text", text).end()
}

/// The files in which places lie, in the order in which they are first named.
#[derive(Default)]
struct Files(Vec<String>);

impl Files {
    fn lane(&mut self, LaneInfo { name, made_at }: &LaneInfo) -> String {
        let place = made_at.as_ref().map(|place| self.place(place));
        Object::new().text("name", name).optional("place", place).end()
    }

    fn event(&mut self, Event { at, lane, what, place }: &Event) -> String {
        let event = Object::new()
            .json("at", micros(*at))
            .optional("lane", lane.map(|LaneId(id)| id))
            .text("what", word(what));
        let event = match what {
            What::Made | What::Started | What::Waits => event,
            What::Unpolled { since } => event.json("since", micros(*since)),
            What::Said(text) => event.text("text", text),
            What::StepIn(id, label) => event.json("step", id).text("label", label),
            What::StepOut(id) => event.json("step", id),
            What::Ended(ending) => event.text("how", State::Ended(*ending).word()),
        };
        event.optional("place", place.as_ref().map(|place| self.place(place))).end()
    }

    fn place(&mut self, place: &Place) -> String {
        // The compiler names files as its own system does.
        let file = place.file().replace('\\', "/");
        let known = self.0.iter().position(|other| *other == file);
        let number = known.unwrap_or(self.0.len());
        if known.is_none() {
            self.0.push(file);
        }
        format!("[{number},{}]", place.line())
    }
}

fn word(what: &What) -> &'static str {
    match what {
        What::Made => "made",
        What::Started => "started",
        What::Unpolled { .. } => "unpolled",
        What::Said(_) => "said",
        What::StepIn(..) => "in",
        What::StepOut(_) => "out",
        What::Waits => "waits",
        What::Ended(_) => "ended",
    }
}

fn micros(time: Duration) -> u128 {
    time.as_micros()
}
