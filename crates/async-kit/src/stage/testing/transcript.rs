//! A transcript holds what a future said, and when, for a test to compare.

use std::{
    fmt::{self, Debug},
    future::Future,
    panic,
    time::Duration,
};

use tokio::runtime::{Handle, RuntimeFlavor};

use crate::patterns::scope;

use crate::stage::{
    record::{Ending, LaneId, Recorder, Recording, What},
    render::plain_line::plain,
};

/// What a future said, and when, counted from its beginning.
///
/// The nearest asyncio habit is a test that collects `print`s by `capsys`; nothing there knows
/// the time. Neither does Tokio have a counterpart.
///
/// # Examples
///
/// ```
/// use async_kit::{Lane, Millis, Transcript, say, virtual_time};
/// use tokio::time::sleep;
///
/// async fn job() {
///     sleep(100.ms()).await;
///     say!("done");
/// }
///
/// virtual_time(async {
///     let seen = Transcript::of(job().lane("a")).await;
///     seen.assert_at(100.ms(), "a done");
///     seen.assert_lines(["[  0.100s] a done"]);
///     assert_eq!(seen.elapsed(), 100.ms(), "{seen}");
/// });
/// ```
#[derive(Clone, Debug)]
pub struct Transcript {
    recording: Recording,
    lines: Vec<Line>,
}

/// A line of a [`Transcript`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Time since the future began.
    pub at: Duration,
    /// The name of the lane it was said in; `None` outside any lane.
    pub lane: Option<String>,
    /// What was said.
    pub text: String,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&plain(self.at, self.lane.as_deref(), &self.text))
    }
}

/// What a future may return for [`Transcript::of`]: nothing, or a `Result` that must be `Ok`.
#[diagnostic::on_unimplemented(
    message = "`Transcript::of` would drop an output of type `{Self}`",
    note = "use `Transcript::with_output`, which returns it beside the transcript"
)]
pub trait Outcome: Send + 'static {
    /// Panics if this is a failure.
    fn expect_success(self);
}

impl Outcome for () {
    fn expect_success(self) {}
}

impl<T: Send + 'static, E: Debug + Send + 'static> Outcome for Result<T, E> {
    fn expect_success(self) {
        if let Err(error) = self {
            panic!("the future failed: {error:?}");
        }
    }
}

impl Transcript {
    /// Runs a future as a task of its own and writes down what it, and whatever it spawns, says.
    ///
    /// It ends when the future has ended and every release of a [`scope`] that
    /// was left behind has; what tasks say that still run then is not part of it. Transcripts
    /// follow each other, they do not overlap.
    ///
    /// # Examples
    ///
    /// A whole section, and a job of which the test looks at the picture:
    ///
    /// ```
    /// use async_kit::{Lane, Millis, Transcript, say, stage::record::Ending, virtual_time};
    /// use tokio::time::{sleep, timeout};
    ///
    /// async fn run() -> anyhow::Result<()> {
    ///     let job = sleep(100.ms()).step("working").lane("job");
    ///     let _ = timeout(20.ms(), job).await;
    ///     say!("gave up");
    ///     Ok(())
    /// }
    ///
    /// let seen = virtual_time(Transcript::of(run()));
    /// seen.assert_lines(["[  0.020s] gave up"]);
    /// assert_eq!(seen.peak("working"), 1, "{seen}");
    /// assert_eq!(seen.ending("job"), Some(Ending::Dropped), "{seen}");
    /// ```
    ///
    /// # Panics
    ///
    /// With the future's panic, if it panics; when it returns `Err`, so that a failed section
    /// cannot pass for a silent one; outside a current-thread runtime.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: dropped, it leaves the future running and the transcript is lost.
    pub async fn of<F>(future: F) -> Self
    where
        F: Future<Output: Outcome> + Send + 'static,
    {
        let (seen, output) = Self::with_output(future).await;
        output.expect_success();
        seen
    }

    /// Like [`of`](Self::of), and returns what the future returned, of whatever type.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_kit::{Transcript, say, virtual_time};
    ///
    /// let add = async {
    ///     say!("adding");
    ///     1 + 1
    /// };
    /// let (seen, sum) = virtual_time(Transcript::with_output(add));
    /// assert_eq!((seen.lines().len(), sum), (1, 2));
    /// ```
    ///
    /// # Panics
    ///
    /// With the future's panic, if it panics; outside a current-thread runtime.
    ///
    /// # Cancel safety
    ///
    /// As [`of`](Self::of).
    pub async fn with_output<F>(future: F) -> (Self, F::Output)
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let flavor = Handle::current().runtime_flavor();
        // Other threads would go on with the recorder they have.
        assert_eq!(
            flavor,
            RuntimeFlavor::CurrentThread,
            "a transcript needs a single thread"
        );
        let recorder = Recorder::silent();
        let here = recorder.install();
        recorder.begin();
        let joined = tokio::spawn(future).await;
        // As a chapter does, so that what a release says at the end is part of both.
        scope::released().await;
        recorder.freeze();
        drop(here);
        match joined {
            Ok(output) => (Self::from(recorder.recording()), output),
            Err(error) => panic::resume_unwind(error.into_panic()),
        }
    }

    /// How long the future took.
    pub fn elapsed(&self) -> Duration {
        self.recording.end
    }

    /// Every line, in the order in which they were said.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// How many lanes at most were inside a step of this label at once.
    pub fn peak(&self, label: &str) -> usize {
        self.recording.peak(label)
    }

    /// How the first lane of this name ended; `None` if there is none, or it had not ended.
    pub fn ending(&self, lane: &str) -> Option<Ending> {
        self.recording.ending(lane)
    }

    /// Everything else that was seen: lanes, steps, endings, knobs.
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    /// Asserts that at this time, to the millisecond, this line was said: `lane text`, or `text`
    /// for a line outside any lane.
    ///
    /// # Panics
    ///
    /// If it was not, with the whole transcript.
    #[track_caller]
    pub fn assert_at(&self, at: Duration, line: &str) {
        let wanted = plain(at, None, line);
        let said = self.lines.iter().any(|line| line.to_string() == wanted);
        assert!(said, "nobody said this:\n{wanted}\nbut all this was said:\n{self}");
    }

    /// Asserts that these lines were said, no others, in this order, each in the plain form
    /// `[  0.500s] lane text`. A text of several lines counts as several lines.
    ///
    /// # Panics
    ///
    /// If not, with the differences.
    #[track_caller]
    pub fn assert_lines<L: AsRef<str>>(&self, wanted: impl IntoIterator<Item = L>) {
        let wanted = wanted.into_iter().map(|line| line.as_ref().to_owned());
        let wanted = wanted.collect::<Vec<_>>().join("\n");
        let said = self.to_string();
        let (wanted, said) =
            (wanted.lines().collect::<Vec<_>>(), said.lines().collect::<Vec<_>>());
        assert!(wanted == said, "not what was said:\n{}", differences(&wanted, &said));
    }
}

impl From<Recording> for Transcript {
    fn from(recording: Recording) -> Self {
        let name = |LaneId(id)| recording.lanes[id].name.clone();
        let lines = recording.events.iter().filter_map(|event| match &event.what {
            What::Said(text) => Some(Line {
                at: event.at,
                lane: event.lane.map(name),
                text: text.clone(),
            }),
            _ => None,
        });
        Self { lines: lines.collect(), recording }
    }
}

/// The plain form: a line `[  0.500s] lane text` for each line said.
impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// The lines with a mark: `-` wanted but not said, `+` said but not wanted.
fn differences(wanted: &[&str], said: &[&str]) -> String {
    let same = |pair: &(&&str, &&str)| pair.0 == pair.1;
    let before = wanted.iter().zip(said).take_while(same).count();
    let (before, wanted) = wanted.split_at(before);
    let said = &said[before.len()..];
    let after = wanted.iter().rev().zip(said.iter().rev()).take_while(same).count();
    let (wanted, after) = wanted.split_at(wanted.len() - after);
    let said = &said[..said.len() - after.len()];
    let marked = [("  ", before), ("- ", wanted), ("+ ", said), ("  ", after)];
    let lines =
        marked.iter().flat_map(|(mark, lines)| lines.iter().map(move |l| (mark, l)));
    lines.map(|(mark, line)| format!("{mark}{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use tokio::time::sleep;

    use super::*;
    use crate::{Lane, Millis, say, virtual_time};

    async fn job(name: &'static str) {
        say!("starts");
        sleep(100.ms()).await;
        say!("done with {name}");
    }

    async fn two_jobs() {
        let a = tokio::spawn(job("a").lane("a"));
        let b = tokio::spawn(job("b").lane("b"));
        a.await.unwrap();
        b.await.unwrap();
        say!("all done");
    }

    fn message(panics: impl FnOnce()) -> String {
        let payload = catch_unwind(AssertUnwindSafe(panics)).expect_err("it panics");
        *payload.downcast::<String>().expect("it panics with a formatted message")
    }

    #[test]
    fn a_transcript_holds_what_spawned_tasks_say() {
        virtual_time(async {
            sleep(50.ms()).await;
            let seen = Transcript::of(two_jobs()).await;
            seen.assert_lines([
                "[  0.000s] a starts",
                "[  0.000s] b starts",
                "[  0.100s] a done with a",
                "[  0.100s] b done with b",
                "[  0.100s] all done",
            ]);
            assert_eq!(seen.elapsed(), 100.ms(), "{seen}");
            assert_eq!(seen.lines()[2].lane.as_deref(), Some("a"), "{seen}");
        });
    }

    #[test]
    fn two_transcripts_in_a_run_do_not_mix() {
        virtual_time(async {
            let first = Transcript::of(async { say!("first") }).await;
            let (second, output) = Transcript::with_output(async { 2 }).await;
            first.assert_lines(["[  0.000s] first"]);
            second.assert_lines::<&str>([]);
            assert_eq!(output, 2);
        });
    }

    #[test]
    fn a_lane_of_the_block_around_does_not_name_a_line_of_the_transcript() {
        let seen = virtual_time(async {
            let around = async {
                let talker = async {
                    sleep(5.ms()).await;
                    say!("is heard, but has no lane here");
                };
                let talker = tokio::spawn(talker.lane("talker"));
                sleep(1.ms()).await;
                let seen = Transcript::of(job("a").lane("a")).await;
                talker.await.unwrap();
                say!("is not heard any more");
                seen
            };
            around.lane("around").await
        });
        seen.assert_lines([
            "[  0.000s] a starts",
            "[  0.004s] is heard, but has no lane here",
            "[  0.100s] a done with a",
        ]);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    #[should_panic(expected = "needs a single thread")]
    async fn a_transcript_of_several_threads_is_refused() {
        Transcript::of(job("a")).await;
    }

    #[test]
    fn a_wrong_expectation_shows_the_difference() {
        let said = message(|| {
            virtual_time(async {
                Transcript::of(two_jobs()).await.assert_lines([
                    "[  0.000s] a starts",
                    "[  0.000s] b starts",
                    "[  0.200s] a done with a",
                    "[  0.100s] b done with b",
                    "[  0.100s] all done",
                ]);
            });
        });
        assert_eq!(
            said,
            "not what was said:\n  \
             [  0.000s] a starts\n  \
             [  0.000s] b starts\n\
             - [  0.200s] a done with a\n\
             + [  0.100s] a done with a\n  \
             [  0.100s] b done with b\n  \
             [  0.100s] all done\n"
        );
    }

    #[test]
    fn a_line_at_another_time_does_not_count() {
        let said = message(|| {
            virtual_time(async {
                Transcript::of(two_jobs()).await.assert_at(99.ms(), "a done with a");
            });
        });
        assert!(said.contains("[  0.100s] a done with a"), "{said}");
    }

    #[test]
    fn a_failed_section_does_not_pass_for_a_silent_one() {
        let said = message(|| {
            virtual_time(async {
                Transcript::of(async { Err::<(), _>("no bread") }).await;
            });
        });
        assert_eq!(said, "the future failed: \"no bread\"");
    }
}
