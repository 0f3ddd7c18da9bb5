//! An observed run of an answer asserts what the answer did.

use std::{fmt::Debug, time::Duration};

use super::{
    prediction::require_complete,
    refusal::{Refusal, refuse},
    side_by_side::side_by_side,
    terminal_width::width,
};
use crate::stage::{
    record::{Ending, Recording},
    render::plain_line::plain,
    testing::transcript::{Line, Transcript},
};

/// A run of an answer, and its assertions.
///
/// asyncio and Tokio have no counterpart: their tests assert values. [`Transcript`] has the same run for
/// the tests of a section, and its assertions name no mistake.
///
/// Each assertion names the mistake that most likely made it fail. If it fails, it panics with
/// what happened, what was expected, that mistake, and the timeline of the run.
#[derive(Clone, Debug)]
pub struct Observed<T> {
    pub(super) seen: Transcript,
    pub(super) output: T,
}

impl<T> Observed<T> {
    /// What the answer returned.
    pub fn output(&self) -> &T {
        &self.output
    }

    /// Every line of the run, in order.
    pub fn lines(&self) -> &[Line] {
        self.seen.lines()
    }

    /// Every line, step and ending of the run.
    pub fn recording(&self) -> &Recording {
        self.seen.recording()
    }

    /// The run takes exactly this long.
    ///
    /// # Panics
    ///
    /// If not, as [`Observed`] describes.
    #[track_caller]
    pub fn takes(&self, wanted: Duration, mistake: &str) -> &Self {
        let took = self.seen.elapsed();
        self.require(
            took == wanted,
            format!("the run took {}", millis(took)),
            format!("it takes {}", millis(wanted)),
            mistake,
        )
    }

    /// The run takes at most this long.
    ///
    /// # Panics
    ///
    /// If not, as [`Observed`] describes.
    #[track_caller]
    pub fn takes_at_most(&self, limit: Duration, mistake: &str) -> &Self {
        let took = self.seen.elapsed();
        self.require(
            took <= limit,
            format!("the run took {}", millis(took)),
            format!("it takes at most {}", millis(limit)),
            mistake,
        )
    }

    /// Exactly this many lanes are inside a step with this label at the same time, at the busiest
    /// moment.
    ///
    /// # Panics
    ///
    /// If not, as [`Observed`] describes.
    #[track_caller]
    pub fn concurrently(&self, label: &str, wanted: usize, mistake: &str) -> &Self {
        let peak = self.seen.peak(label);
        self.require(
            peak == wanted,
            format!("at most {peak} in \"{label}\" at the same time"),
            format!("{wanted} at the same time"),
            mistake,
        )
    }

    /// Never more than this many lanes are inside a step with this label at the same time.
    ///
    /// # Panics
    ///
    /// If not, as [`Observed`] describes.
    #[track_caller]
    pub fn never_more_than(&self, label: &str, limit: usize, mistake: &str) -> &Self {
        let peak = self.seen.peak(label);
        self.require(
            peak <= limit,
            format!("{peak} in \"{label}\" at the same time"),
            format!("never more than {limit}"),
            mistake,
        )
    }

    /// This line is printed at this time. The line is `lane text`, or `text` outside any lane.
    ///
    /// # Panics
    ///
    /// If not, as [`Observed`] describes.
    #[track_caller]
    pub fn prints_at(&self, at: Duration, line: &str, mistake: &str) -> &Self {
        let wanted = plain(at, None, line);
        let lines = self.seen.lines();
        let found = lines.iter().any(|line| line.to_string() == wanted);
        let elsewhere = lines.iter().find(|seen| {
            let seen = seen.to_string();
            seen.split_once("] ").is_some_and(|(_, text)| text == line)
        });
        let happened = match elsewhere {
            Some(seen) => seen.to_string(),
            None => format!("no line \"{line}\""),
        };
        self.require(found, happened, wanted, mistake)
    }

    /// Exactly these lines are printed, in the plain form `[  0.500s] lane text`, as the asyncio
    /// program prints them.
    ///
    /// # Panics
    ///
    /// If not, as [`Observed`] describes.
    #[track_caller]
    pub fn prints_like_asyncio(&self, transcript: &str, mistake: &str) -> &Self {
        let expected = "the same lines at the same times as asyncio";
        self.require_lines(("asyncio", transcript), "your run", expected, mistake)
    }

    /// Exactly these lines are printed, each with its time in milliseconds, as the learner
    /// predicted. The run is not shown while [`require_complete`] refuses the prediction.
    ///
    /// # Panics
    ///
    /// If not, as [`Observed`] describes.
    #[track_caller]
    pub fn prints_as_predicted(
        &self,
        prediction: &[(u64, &str)],
        mistake: &str,
    ) -> &Self {
        require_complete(prediction);
        let predicted = prediction.iter().map(|(millis, line)| {
            plain(Duration::from_millis(*millis), None, line) + "\n"
        });
        let predicted = predicted.collect::<String>();
        let expected = "the prediction has the lines of the run, with their times";
        self.require_lines(("your prediction", &predicted), "the run", expected, mistake)
    }

    #[track_caller]
    fn require_lines(
        &self,
        wanted: (&str, &str),
        title: &str,
        expected: &str,
        mistake: &str,
    ) -> &Self {
        let lines = self.seen.to_string();
        let trimmed =
            |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        if trimmed(wanted.1) != trimmed(&lines) {
            let happened = "the lines differ; the first difference has a `>`".to_owned();
            let refusal = Refusal { happened, expected: expected.to_owned(), mistake };
            let both = side_by_side(wanted, (title, &lines), width());
            refuse(&format!("{refusal}\n{both}"), self.recording());
        }
        self
    }

    /// The first lane of this name ends like this.
    ///
    /// # Panics
    ///
    /// If not, as [`Observed`] describes.
    #[track_caller]
    pub fn ends(&self, lane: &str, wanted: Ending, mistake: &str) -> &Self {
        let ending = self.seen.ending(lane);
        let happened = match ending {
            Some(ending) => format!("lane \"{lane}\" {}", in_words(ending)),
            None => format!("lane \"{lane}\" has not ended, or does not exist"),
        };
        self.require(
            ending == Some(wanted),
            happened,
            format!("it {}", in_words(wanted)),
            mistake,
        )
    }

    /// The answer returns this value.
    ///
    /// # Panics
    ///
    /// If not, as [`Observed`] describes.
    #[track_caller]
    pub fn returns(&self, wanted: T, mistake: &str) -> &Self
    where
        T: PartialEq + Debug,
    {
        self.require(
            self.output == wanted,
            format!("it returned {:?}", self.output),
            format!("it returns {wanted:?}"),
            mistake,
        )
    }

    /// Anything else that must hold: what happened and what was expected are named by the caller.
    ///
    /// # Panics
    ///
    /// If not, as [`Observed`] describes.
    #[track_caller]
    pub fn require(
        &self,
        holds: bool,
        happened: impl Into<String>,
        expected: impl Into<String>,
        mistake: &str,
    ) -> &Self {
        if !holds {
            let (happened, expected) = (happened.into(), expected.into());
            refuse(&Refusal { happened, expected, mistake }, self.recording());
        }
        self
    }
}

/// Whole milliseconds in virtual time. In real time with all digits, so that two times that differ
/// are shown as different.
fn millis(time: Duration) -> String {
    match time.subsec_nanos() % 1_000_000 {
        0 => format!("{} ms", time.as_millis()),
        nanos => format!("{}.{nanos:06} ms", time.as_millis()),
    }
}

fn in_words(ending: Ending) -> &'static str {
    match ending {
        Ending::Done => "runs to its end",
        Ending::Failed => "returns an error",
        Ending::Panicked => "panics",
        Ending::Dropped => "is cancelled",
        Ending::NeverPolled => "is dropped before it was polled",
    }
}
