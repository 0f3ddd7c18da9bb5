//! A prediction is complete before its run is shown.

use std::{fmt::Debug, panic::Location, path::Path};

use super::{show::show, unchanged::refuse_changed_checks};

/// What an exercise has in place of a time that the learner must predict.
pub const UNKNOWN: u64 = 9999;

/// Prints the prediction, and below it the run, if no time is [`UNKNOWN`] any more.
///
/// This is for the `main` function of an exercise. The process ends with exit code 1 if the run
/// panics or can never end, and also if the checks in the file of the caller were changed.
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
        println!("\n   {INCOMPLETE}");
    }
}

pub(super) fn is_complete(prediction: &[(u64, &str)]) -> bool {
    prediction.iter().all(|(millis, _)| *millis != UNKNOWN)
}

pub(super) const INCOMPLETE: &str = "Replace each 9999 by a time first. The run is shown when your prediction is complete.";
