//! A report about a stuck run names the waiting lanes, since when each waits, and what it said last.

use std::{
    collections::HashSet,
    fmt::{self, Write},
    time::Duration,
};

use tokio::time::Instant;

use crate::stage::record::{Recorder, Unfinished};

/// What is printed about a run that can never end: a headline, the waiting lanes, a hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    headline: String,
    details: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline)?;
        self.details.iter().try_for_each(|line| write!(f, "\n   {line}"))
    }
}

impl Report {
    fn new(headline: String, mut lanes: Vec<String>, hint: &str) -> Self {
        lanes.extend(hint.lines().map(str::to_owned));
        Self { headline, details: lanes }
    }

    /// The headline alone, for a report that was printed already.
    pub(super) fn headline_only(mut self) -> Self {
        self.details.clear();
        self
    }
}

/// Nothing can ever run again.
pub(super) fn deadlock(recorder: &Recorder, stopped: Instant, tasks: usize) -> Report {
    let at = ended(recorder, stopped);
    Report::new(
        format!("DEADLOCK at {at}: nothing is left to run and no timer is pending."),
        lane_lines(&recorder.unfinished(), tasks, waits),
        "A receiver never returns while a sender is alive: is one still held?\n\
         Or two tasks wait for each other's lock, or a wake-up came before its waiter.\n\
         Or a permit was never released, or the task that wakes the others has ended.\n\
         Or `wait` of a `TaskTracker` waits for its `close`.\n\
         Or a thread outside the runtime would wake a task: virtual time waits for no thread.",
    )
}

/// One poll has held the runtime for this long, in real time.
pub(super) fn blocked(
    recorder: &Recorder,
    now: Instant,
    held: Duration,
    tasks: usize,
) -> Report {
    let at = ended(recorder, now);
    let polling = recorder.polling();
    let holder = if polling.is_some() { "" } else { " of a task without a lane" };
    let held = held.as_secs_f64();
    let mut lanes = recorder.unfinished();
    // The lane to mend is shown, however many others wait.
    lanes.sort_by_key(|lane| polling != Some(lane.lane));
    Report::new(
        format!(
            "BLOCKED at {at}: one poll{holder} has held the runtime for {held:.1} s."
        ),
        lane_lines(&lanes, tasks, |lane| {
            if polling == Some(lane.lane) { holds(lane) } else { waits(lane) }
        }),
        "While a poll does not return, no other task runs and no timer fires. Instead\n\
         of `std::thread::sleep` await `tokio::time::sleep`; give long work and\n\
         blocking calls to `tokio::task::spawn_blocking`.",
    )
}

/// The clock moves, but the run makes no progress. A lane that was not polled after `before` is
/// shown as waiting.
pub(super) fn running(
    recorder: &Recorder,
    now: Instant,
    before: Instant,
    tasks: usize,
) -> Report {
    let before = recorder.elapsed_at(before);
    let at = ended(recorder, now);
    Report::new(
        format!("ENDLESS at {at}: time passes, but the run makes no progress."),
        lane_lines(&recorder.unfinished(), tasks, |lane| {
            if lane.since > Some(before) { runs(lane) } else { waits(lane) }
        }),
        "A timer fires again and again, so this is not a deadlock: an interval,\n\
         a heartbeat, a retry without a limit. Does a task, with or without a lane,\n\
         wait for something that never happens?",
    )
}

/// Tasks yield to each other, and the clock does not move.
pub(super) fn spinning(recorder: &Recorder, now: Instant, tasks: usize) -> Report {
    let at = ended(recorder, now);
    Report::new(
        format!("ENDLESS at {at}: tasks yield without end, and no time passes."),
        lane_lines(&recorder.unfinished(), tasks, |lane| {
            if lane.since == Some(recorder.elapsed_at(now)) {
                runs(lane)
            } else {
                waits(lane)
            }
        }),
        "A loop around `yield_now` never waits, and virtual time passes only while\n\
         every task waits: wait for a `Notify`, a channel or a timer instead.",
    )
}

/// The future asked for something that only a real-time runtime has.
pub(super) fn needs_real_time(recorder: &Recorder, panic: &str) -> Report {
    // The run has ended, so there is no paused clock to read.
    let at = secs(recorder.recording().end);
    Report::new(
        format!("REAL TIME NEEDED at {at}: a socket was used in virtual time."),
        Vec::new(),
        &format!(
            "Tokio's panic: {panic}\n\
             In a chapter mark this section real-time: `.real_time(…)` instead of `.section(…)`.\n\
             In a test use `#[tokio::test]`."
        ),
    )
}

/// A run in real time has not ended after this long.
#[cfg(feature = "test-util")]
pub(in crate::stage) fn unfinished(
    recorder: &Recorder,
    limit: Duration,
    tasks: usize,
) -> Report {
    let at = ended(recorder, Instant::now());
    Report::new(
        format!("UNFINISHED at {at}: the run has not ended after {} s.", limit.as_secs()),
        lane_lines(&recorder.unfinished(), tasks, waits),
        "Does a task, with or without a lane, wait for something that never happens?\n\
         Or does a loop never end?",
    )
}

/// Ends the recording at this moment, and returns it in the form of a report.
fn ended(recorder: &Recorder, moment: Instant) -> String {
    let at = recorder.elapsed_at(moment);
    recorder.freeze_at(at);
    secs(at)
}

/// More lanes than this are only counted: the headline must stay on the screen. Arbitrary.
const MOST_LANES: usize = 16;

/// A line for each of the first lanes, one for the number of the others, and one for the tasks without
/// a lane.
fn lane_lines(
    lanes: &[Unfinished],
    tasks: usize,
    state: impl Fn(&Unfinished) -> String,
) -> Vec<String> {
    let (shown, more) = lanes.split_at(lanes.len().min(MOST_LANES));
    let width = shown.iter().map(|lane| lane.name.chars().count()).max().unwrap_or(0);
    let mut lines: Vec<_> = shown
        .iter()
        .map(|lane| {
            let made_at = lane.made_at.as_ref();
            let made_at =
                made_at.map_or(String::new(), |it| format!("   (lane made at {it})"));
            format!("{:width$}  {}{made_at}", lane.name, state(lane))
        })
        .collect();
    match more.len() {
        0 => {}
        1 => lines.push("and 1 more lane".to_owned()),
        n => lines.push(format!("and {n} more lanes")),
    }
    let with_lane: HashSet<_> = lanes.iter().filter_map(|lane| lane.task).collect();
    match tasks.saturating_sub(with_lane.len()) {
        0 => {}
        1 => lines.push("and 1 task without a lane".to_owned()),
        n => lines.push(format!("and {n} tasks without a lane")),
    }
    lines
}

fn waits(lane: &Unfinished) -> String {
    match lane.since {
        None => "was never polled".to_owned(),
        Some(since) => after(lane, format!("has waited since {}", secs(since))),
    }
}

fn holds(lane: &Unfinished) -> String {
    after(lane, "holds the runtime".to_owned())
}

fn runs(lane: &Unfinished) -> String {
    let since = lane.since.unwrap_or_default();
    after(lane, format!("still runs, last at {}", secs(since)))
}

fn after(lane: &Unfinished, mut text: String) -> String {
    // Writing to a `String` cannot fail.
    let _ = match &lane.last_said {
        Some(said) => write!(text, ", after saying {said:?}"),
        None => write!(text, ", and said nothing"),
    };
    text
}

/// Two decimals, as in the timeline, or three if the time is not a multiple of 10 ms.
fn secs(at: Duration) -> String {
    let decimals = if at.subsec_millis().is_multiple_of(10) { 2 } else { 3 };
    format!("{:.decimals$}s", at.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;
    use crate::{Millis, stage::record::InLane};

    #[tokio::test(start_paused = true)]
    async fn a_lane_runs_in_an_endless_run_only_if_it_was_polled_after_the_moment() {
        let recorder = Recorder::silent();
        recorder.watch();
        recorder.begin();
        let moment = Instant::now();
        let [early, late] =
            ["early", "late"].map(|name| recorder.made(name.to_owned(), None));
        recorder.woke(early, None);
        advance(1.secs()).await;
        recorder.woke(late, None);
        let report = running(&recorder, Instant::now(), moment, 0);
        let [waits, runs, ..] = &report.details[..] else { panic!("{report}") };
        assert!(waits.starts_with("early  has waited since 0.00s"), "{report}");
        assert!(runs.starts_with("late   still runs, last at 1.00s"), "{report}");
    }

    #[test]
    fn the_lane_that_blocks_is_first_however_many_others_wait() {
        let recorder = Recorder::silent();
        recorder.watch();
        let lane = |n| recorder.made(format!("lane-{n}"), None);
        let lanes: Vec<_> = (0..=MOST_LANES).map(lane).collect();
        let _polled = InLane::enter(&recorder, lanes[MOST_LANES]);
        let report = blocked(&recorder, Instant::now(), Duration::from_secs(5), 0);
        let first = &report.details[0];
        assert!(first.starts_with("lane-16  holds the runtime"), "{report}");
    }
}
