//! A section suggests one setting to try, with a question whose answer its next run shows.

use crate::stage::record::{Question, Recorder};

/// Suggests a setting to try next: `try capacity=1: when is item 5 produced?`
///
/// The chapter prints the first question of a section below its timeline. Call it where the
/// section asks for its [`knob`](crate::knob())s, before the first await, so that the question is
/// known without a run. Outside any run it does nothing.
///
/// # Examples
///
/// ```
/// use async_kit::{ask, knob};
///
/// let capacity = knob("capacity", 3_usize, 1..=10);
/// ask("capacity=1", "when is item 5 produced?");
/// # assert_eq!(capacity, 3);
/// ```
pub fn ask(setting: &str, question: &str) {
    if let Some(recorder) = Recorder::current() {
        recorder
            .asked(Question { setting: setting.to_owned(), text: question.to_owned() });
    }
}
