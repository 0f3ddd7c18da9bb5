//! An answer is a program without its tests; the tests exist once, in the exercise.

use anyhow::{Context, Result};
use async_kit::exercise::checks;

/// What the first line of a wrong answer begins with, and the line that names its message.
const DOC: &str = "//! ";
const MESSAGE: &str = "//! message: ";

/// An exercise in two parts: what the learner edits, and the tests.
pub(crate) fn split(exercise: &str) -> Result<(&str, &str)> {
    let tests = checks(exercise).context("it has no `#[cfg(test)]` and `mod tests {`")?;
    Ok((&exercise[..exercise.len() - tests.len()], tests))
}

/// A wrong answer says in its first line what is wrong, and then what the learner must read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wrong<'a> {
    pub(crate) mistake: &'a str,
    pub(crate) message: &'a str,
}

impl<'a> Wrong<'a> {
    pub(crate) fn of(answer: &'a str) -> Result<Self> {
        let mistake = answer.lines().next().and_then(|line| line.strip_prefix(DOC));
        let message = answer.lines().find_map(|line| line.strip_prefix(MESSAGE));
        Ok(Self {
            mistake: mistake
                .context("its first line does not say what is wrong (`//! …`)")?,
            message: message
                .context("no line says what the learner must read (`//! message: …`)")?,
        })
    }

    /// Whether the output has the message, however its lines are broken.
    pub(crate) fn is_explained_by(&self, output: &str) -> bool {
        words(output).contains(&words(self.message))
    }
}

/// The text with one space between words.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exercise_is_split_before_its_tests() {
        let exercise = "fn main() {}\n\n#[cfg(test)]\nmod tests {\n}\n";
        let parts = split(exercise).unwrap();
        assert_eq!(parts, ("fn main() {}\n\n", "#[cfg(test)]\nmod tests {\n}\n"));
        assert!(split("fn main() {}").is_err());
    }

    #[test]
    fn a_wrong_answer_names_its_mistake_and_its_message() {
        let answer = "//! It waits.\n//! message: too long\nfn main() {}";
        let wrong = Wrong::of(answer).unwrap();
        assert_eq!(wrong, Wrong { mistake: "It waits.", message: "too long" });
        assert!(wrong.is_explained_by("it took   too\n   long"));
        assert!(!wrong.is_explained_by("it took long"));
        assert!(Wrong::of("//! It waits.\nfn main() {}").is_err());
        assert!(Wrong::of("fn main() {}\n//! message: x").is_err());
    }
}
