//! A prediction is complete, and in the order of its times, before its run is shown.

use std::{fmt::Debug, panic::Location, path::Path};

use super::{refusal::raise, show::show, unchanged::refuse_changed_checks};

/// What an exercise has in place of a time, in milliseconds, that the learner must predict.
pub const UNKNOWN: u64 = 9999;

/// Prints the prediction: lines of the run, each with its time in milliseconds. If no time is
/// [`UNKNOWN`] and the lines are in the order of their times, it also prints the run, as
/// [`show`](super::show()) does.
///
/// asyncio and Tokio have no counterpart.
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
    match problem(prediction) {
        None => {
            println!("\n   It prints:");
            show(run);
        }
        Some(problem) => println!("\n   {problem}"),
    }
}

/// Refuses a prediction that has an [`UNKNOWN`] time, or whose lines are not in the order of their
/// times. The run is not shown.
///
/// [`Observed::prints_as_predicted`](super::Observed::prints_as_predicted) refuses it too. This is for
/// a test that asserts something else before it, and would show the run.
///
/// asyncio and Tokio have no counterpart.
///
/// # Examples
///
/// ```
/// use async_kit::exercise::require_complete;
///
/// require_complete(&[(0, "calls"), (20, "has called")]);
/// ```
///
/// # Panics
///
/// If the prediction is not complete, or not in order.
pub fn require_complete(prediction: &[(u64, &str)]) {
    if let Some(problem) = problem(prediction) {
        raise(format!("\n   {problem}\n"));
    }
}

fn problem(prediction: &[(u64, &str)]) -> Option<String> {
    if prediction.iter().any(|(millis, _)| *millis == UNKNOWN) {
        return Some(format!(
            "Replace each {UNKNOWN} by a time first. The run is shown when your prediction is complete."
        ));
    }
    (!prediction.is_sorted_by_key(|(millis, _)| *millis)).then(|| UNSORTED.to_owned())
}

const UNSORTED: &str =
    "Put your lines into the order of their times first. The run is shown after that.";
