//! Every picture states the numbers of the run in the same words.

use super::rows::Row;
use crate::stage::record::Recording;

/// `10 lanes`
pub(super) fn lanes(rows: &[Row<'_>]) -> String {
    match rows.len() {
        0 => "no lanes".to_owned(),
        1 => "1 lane".to_owned(),
        count => format!("{count} lanes"),
    }
}

/// `at most 3 holding a permit` for each of the first `max` labels; the others are counted.
pub(super) fn peaks(
    recording: &Recording,
    labels: &[&str],
    max: usize,
) -> (Vec<String>, Option<String>) {
    let named = labels.iter().take(max);
    let named = named.map(|label| format!("at most {} {label}", recording.peak(label)));
    let more = labels.len().saturating_sub(max);
    (named.collect(), (more > 0).then(|| format!("{more} more kinds of step")))
}

/// `knobs permits=3 jobs=10`
pub(super) fn knobs(recording: &Recording) -> Option<String> {
    let knobs = recording.knobs.iter();
    let knobs: Vec<_> =
        knobs.map(|knob| format!("{}={}", knob.name, knob.value)).collect();
    (!knobs.is_empty()).then(|| format!("knobs {}", knobs.join(" ")))
}

/// How many events are missing from the recording, if any are.
pub(super) fn lost(recording: &Recording) -> Option<String> {
    (recording.lost > 0)
        .then(|| format!("{} events came too late to be kept", recording.lost))
}

/// `times of worker-2 ± 0.2 ms`; of several processes the largest number.
pub(super) fn processes(recording: &Recording) -> Option<String> {
    let whose = match &recording.processes[..] {
        [] => return None,
        [process] => process.name.clone(),
        processes => format!("{} other processes", processes.len()),
    };
    let within = recording.processes.iter().map(|process| process.within).max()?;
    // Rounded up, so that the bound remains one.
    let tenths = within.as_micros().div_ceil(100);
    Some(format!("times of {whose} ± {}.{} ms", tenths / 10, tenths % 10))
}
