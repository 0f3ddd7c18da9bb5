//! A transcript holds the lines that a future printed with `say!`, and their times.

use std::{
    fmt::{self, Debug},
    future::Future,
    panic,
    time::Duration,
};

use tokio::runtime::{Handle, RuntimeFlavor};

use crate::{
    patterns::scope,
    stage::{
        record::{Ending, LaneId, MAX_EVENTS, Recorder, Recording, What},
        render::plain_line::plain,
    },
};

/// The lines that a future printed with [`say!`](crate::say!), and their times since it began.
///
/// In Python, a test collects the output of `print` with pytest's `capsys`, which does not record
/// times. Tokio has no counterpart.
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
    /// The name of the lane that printed it; `None` outside any lane.
    pub lane: Option<String>,
    /// The text that was passed to `say!`.
    pub text: String,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&plain(self.at, self.lane.as_deref(), &self.text))
    }
}

/// The output that a future may have for [`Transcript::of`]: `()`, or a `Result` that must be
/// `Ok`.
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
    /// Spawns a future as a task, and records every line that it or a task it spawns prints.
    ///
    /// The transcript ends when the future has ended and every release of a [`scope`] that still
    /// runs in the background has ended too. Lines that other tasks print later are not part of
    /// it. Only one transcript may be recorded at a time.
    ///
    /// # Examples
    ///
    /// The test asserts the lines of a whole section, and also the steps and the end of its job:
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
    /// - If the future panics: with that panic.
    /// - If the future returns `Err`: without this, a section that failed before its first line
    ///   would look like a section that prints nothing.
    /// - If it has more than 100,000 events (lines, lanes and steps), because the transcript would be
    ///   incomplete.
    /// - Outside a current-thread runtime.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: if this call is dropped, the future continues and the transcript is lost.
    pub async fn of<F>(future: F) -> Self
    where
        F: Future<Output: Outcome> + Send + 'static,
    {
        let (seen, output) = Self::with_output(future).await;
        output.expect_success();
        seen
    }

    /// Like [`of`](Self::of), and also returns the future's output, of any type.
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
    /// - If the future panics: with that panic.
    /// - If it has more than 100,000 events (lines, lanes and steps), because the transcript would be
    ///   incomplete.
    /// - Outside a current-thread runtime.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe, as [`of`](Self::of).
    pub async fn with_output<F>(future: F) -> (Self, F::Output)
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let flavor = Handle::current().runtime_flavor();
        // The recorder is installed for this thread only; other threads would not use it.
        assert_eq!(
            flavor,
            RuntimeFlavor::CurrentThread,
            "a transcript needs a current-thread runtime"
        );
        let recorder = Recorder::silent();
        let here = recorder.install();
        recorder.begin();
        let joined = tokio::spawn(future).await;
        // A chapter waits for the releases too, so both contain the lines that a release prints.
        scope::released().await;
        recorder.freeze();
        drop(here);
        match joined {
            Ok(output) => (Self::new(recorder.recording()), output),
            Err(error) => panic::resume_unwind(error.into_panic()),
        }
    }

    /// How long the future took.
    pub fn elapsed(&self) -> Duration {
        self.recording.end
    }

    /// Every line, in the order in which it was printed.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The maximum number of lanes that were inside a step with this label at the same time.
    pub fn peak(&self, label: &str) -> usize {
        self.recording.peak(label)
    }

    /// How the first lane with this name ended. `None` if there is no such lane, or it had not ended.
    pub fn ending(&self, lane: &str) -> Option<Ending> {
        self.recording.ending(lane)
    }

    /// The whole recording: also lanes, steps, endings and knobs.
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    /// Asserts that this line was printed at this time, to the millisecond. The line is `lane text`,
    /// or `text` outside any lane.
    ///
    /// # Panics
    ///
    /// If there is no such line, with the whole transcript.
    #[track_caller]
    pub fn assert_at(&self, at: Duration, line: &str) {
        let wanted = plain(at, None, line);
        let found = self.lines.iter().any(|line| line.to_string() == wanted);
        assert!(found, "the transcript has no line\n{wanted}\nits lines are\n{self}");
    }

    /// Asserts that exactly these lines were printed, in this order. Each has the plain form
    /// `[  0.500s] lane text`. A text with line breaks counts as several lines.
    ///
    /// # Panics
    ///
    /// If the lines differ, with the differences.
    #[track_caller]
    pub fn assert_lines<L: AsRef<str>>(&self, wanted: impl IntoIterator<Item = L>) {
        let wanted = wanted.into_iter().map(|line| line.as_ref().to_owned());
        let wanted = wanted.collect::<Vec<_>>().join("\n");
        let printed = self.to_string();
        let (wanted, printed) =
            (wanted.lines().collect::<Vec<_>>(), printed.lines().collect::<Vec<_>>());
        assert!(
            wanted == printed,
            "the lines differ (- expected, + printed):\n{}",
            differences(&wanted, &printed)
        );
    }
}

impl Transcript {
    /// Panics if the recording lacks events: a test would not see that lines are missing.
    fn new(recording: Recording) -> Self {
        assert!(
            recording.lost == 0,
            "the transcript is incomplete: it keeps {MAX_EVENTS} events (lines, lanes, steps), and \
             {} more happened",
            recording.lost
        );
        Self::of_kept_events(recording)
    }

    /// The transcript of a recording that may lack events.
    pub(super) fn of_kept_events(recording: Recording) -> Self {
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

/// The plain form: `[  0.500s] lane text` for each line.
impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// The lines, each with a mark: `-` for an expected line that was not printed, `+` for a printed
/// line that was not expected.
fn differences(wanted: &[&str], printed: &[&str]) -> String {
    let same = |pair: &(&&str, &&str)| pair.0 == pair.1;
    let before = wanted.iter().zip(printed).take_while(same).count();
    let (before, wanted) = wanted.split_at(before);
    let printed = &printed[before.len()..];
    let after = wanted.iter().rev().zip(printed.iter().rev()).take_while(same).count();
    let (wanted, after) = wanted.split_at(wanted.len() - after);
    let printed = &printed[..printed.len() - after.len()];
    let marked = [("  ", before), ("- ", wanted), ("+ ", printed), ("  ", after)];
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
    fn a_transcript_holds_the_lines_of_spawned_tasks() {
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
    fn a_line_of_a_lane_from_outside_the_transcript_has_no_lane_name() {
        let seen = virtual_time(async {
            let outer = async {
                let printer = async {
                    sleep(5.ms()).await;
                    say!("recorded without its lane");
                };
                let printer = tokio::spawn(printer.lane("printer"));
                sleep(1.ms()).await;
                let seen = Transcript::of(job("a").lane("a")).await;
                printer.await.unwrap();
                say!("not recorded: the transcript has ended");
                seen
            };
            outer.lane("outer").await
        });
        seen.assert_lines([
            "[  0.000s] a starts",
            "[  0.004s] recorded without its lane",
            "[  0.100s] a done with a",
        ]);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    #[should_panic(expected = "needs a current-thread runtime")]
    async fn a_transcript_in_a_multi_thread_runtime_is_refused() {
        Transcript::of(job("a")).await;
    }

    #[test]
    fn a_wrong_expectation_shows_the_difference() {
        let report = message(|| {
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
            report,
            "the lines differ (- expected, + printed):\n  \
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
        let report = message(|| {
            virtual_time(async {
                Transcript::of(two_jobs()).await.assert_at(99.ms(), "a done with a");
            });
        });
        assert!(report.contains("[  0.100s] a done with a"), "{report}");
    }

    #[test]
    fn a_transcript_that_would_lack_a_line_panics() {
        let says = |lines| async move { (0..lines).for_each(|n| say!("{n}")) };
        let seen = virtual_time(Transcript::of(says(MAX_EVENTS)));
        assert_eq!(seen.lines().len(), MAX_EVENTS);
        let report = message(|| {
            virtual_time(Transcript::of(says(MAX_EVENTS + 3)));
        });
        assert_eq!(
            report,
            "the transcript is incomplete: it keeps 100000 events (lines, lanes, steps), and 3 more \
             happened"
        );
    }

    #[test]
    fn a_section_that_fails_before_its_first_line_fails_the_test() {
        let report = message(|| {
            virtual_time(async {
                Transcript::of(async { Err::<(), _>("no bread") }).await;
            });
        });
        assert_eq!(report, "the future failed: \"no bread\"");
    }

    #[test]
    fn only_the_lines_between_the_common_ones_are_marked() {
        let marked =
            differences(&["a", "b", "b", "c", "d", "e"], &["a", "x", "y", "c", "d", "e"]);
        assert_eq!(marked, "  a\n- b\n- b\n+ x\n+ y\n  c\n  d\n  e\n");
    }
}
