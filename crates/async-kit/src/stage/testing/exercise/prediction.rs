//! A prediction is complete before its run is shown.

use std::{fmt::Debug, panic::Location, path::Path};

use super::{show::show, unchanged::refuse_changed_checks};

/// What an exercise has in place of a time, in milliseconds, that the learner must predict.
pub const UNKNOWN: u64 = 9999;

/// Prints the prediction: lines of the run, each with its time in milliseconds. If no time is
/// [`UNKNOWN`], it also prints the run, as [`show`](super::show()) does.
///
/// This is for the `main` function of an exercise. The process ends with exit code 1 in the cases of
/// [`show`](super::show()).
///
/// # Examples
///
/// ```
/// use async_kit::{exercise, say};
///
/// const PREDICTION: [(u64, &str); 1] = [(0, "hello")];
///
/// fn main() {
///     exercise::show_prediction(&PREDICTION, async { say!("hello") });
/// }
/// ```
///
/// # Panics
///
/// When called inside a Tokio runtime.
#[track_caller]
pub fn show_prediction<F>(prediction: &[(u64, &str)], run: F)
where
    F: Future<Output: Debug + Send> + Send + 'static,
{
    refuse_changed_checks(Path::new(Location::caller().file()));
    println!("   You predict:");
    for (millis, line) in prediction {
        println!("   {millis:5} ms  {line}");
    }
    if is_complete(prediction) {
        println!("\n   It prints:");
        show(run);
    } else {
        println!("\n   {}", incomplete());
    }
}

pub(super) fn is_complete(prediction: &[(u64, &str)]) -> bool {
    prediction.iter().all(|(millis, _)| *millis != UNKNOWN)
}

pub(super) fn incomplete() -> String {
    format!(
        "Replace each {UNKNOWN} by a time first. The run is shown when your prediction is complete."
    )
}
