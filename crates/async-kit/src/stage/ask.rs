//! A section suggests one setting to try, and asks a question that the next run answers.

use crate::stage::record::{Question, Recorder};

/// Suggests a setting to try next: `try capacity=1: when is item 5 produced?`
///
/// The chapter prints the first question of a section below its timeline. Outside any run, `ask`
/// does nothing.
///
/// Call `ask` beside [`knob`](crate::knob()), before the first await of the section: a listing finds
/// knobs and questions without running the section.
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
