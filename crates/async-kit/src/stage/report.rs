//! A report about a stuck run names who waits, since when, and what it said last.

use std::{collections::HashSet, fmt, fmt::Write, time::Duration};

use tokio::{runtime::Handle, time::Instant};

use super::record::{Recorder, Unfinished};

/// What is told about a run that can never end: a headline, the waiting lanes, a hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report(String);

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const DEADLOCK_HINT: &str = "\
   A receiver waits for ever while a sender is alive: is one still held somewhere?
   Or two tasks wait for each other's lock, or a wake-up came before anybody waited for it.
";

/// The report of a run in which nothing can ever run again. To be called inside the runtime.
pub(crate) fn deadlock(stopped_at: Instant) -> Report {
    let recorder = Recorder::current().unwrap_or_else(Recorder::silent);
    let at = recorder.elapsed().saturating_sub(stopped_at.elapsed());
    recorder.freeze_at(at);
    let tasks = Handle::current().metrics().num_alive_tasks();
    let waiting = recorder.unfinished();
    Report(format!(
        "DEADLOCK at {}: nothing is left to run and no timer is pending.\n{}{DEADLOCK_HINT}",
        secs(at),
        who_waits(&waiting, tasks),
    ))
}

/// A line for each waiting lane, and one for the tasks that have none.
fn who_waits(waiting: &[Unfinished], tasks: usize) -> String {
    let width = waiting.iter().map(|lane| lane.name.chars().count()).max().unwrap_or(0);
    let mut lines = String::new();
    for lane in waiting {
        let state = state(lane);
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            lines,
            "   {:width$}  {state}   (lane made at {})",
            lane.name, lane.made_at
        );
    }
    let with_lane: HashSet<_> = waiting.iter().filter_map(|lane| lane.task).collect();
    match tasks.saturating_sub(with_lane.len()) {
        0 => {}
        1 => lines += "   and 1 task without a lane\n",
        n => {
            let _ = writeln!(lines, "   and {n} tasks without a lane");
        }
    }
    lines
}

fn state(lane: &Unfinished) -> String {
    let Some(since) = lane.since else { return "was never polled".to_owned() };
    let waited = format!("has waited since {}", secs(since));
    match &lane.last_said {
        Some(said) => format!("{waited}, after saying {said:?}"),
        None => format!("{waited}, and said nothing"),
    }
}

/// Two decimals, as the timeline has them; three where two would hide something.
fn secs(at: Duration) -> String {
    let decimals = if at.subsec_millis().is_multiple_of(10) { 2 } else { 3 };
    format!("{:.decimals$}s", at.as_secs_f64())
}
