//! A refusal says what happened, what was expected and the likely mistake.

use std::{
    fmt::{self, Display},
    panic::{self, Location},
};

use super::picture::{picture, width};
use crate::stage::{record::Recording, render::wrap::broken};

/// Refuses an answer: prints why and what its run did, and panics.
///
/// Not `panic!`, which would print the position of this line, and a backtrace of the kit.
#[track_caller]
pub(super) fn refuse(why: &impl Display, recording: &Recording) -> ! {
    refuse_at(Location::caller(), why, recording)
}

/// The same, where the check of the exercise is not the caller.
pub(super) fn refuse_at(
    check: &Location<'_>,
    why: &impl Display,
    recording: &Recording,
) -> ! {
    // The reason last: a long run must not scroll it off the screen.
    raise(format!("\n{}\n{why}\n   checked in {check}\n", picture(recording, width())))
}

/// Refuses an answer without showing its run.
pub(super) fn raise(text: String) -> ! {
    eprintln!("{text}");
    panic::resume_unwind(Box::new(text))
}

/// Why an answer is refused.
pub(super) struct Refusal<'a> {
    pub(super) happened: String,
    pub(super) expected: String,
    pub(super) mistake: &'a str,
}

impl fmt::Display for Refusal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        entry(f, "happened:", &self.happened)?;
        entry(f, "expected:", &self.expected)?;
        write!(f, "{}", Likely(self.mistake))
    }
}

/// The mistake that was most likely made.
pub(super) struct Likely<'a>(pub(super) &'a str);

impl fmt::Display for Likely<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        entry(f, "likely:", self.0)
    }
}

/// A word, and a text beside it.
fn entry(f: &mut fmt::Formatter<'_>, word: &str, text: &str) -> fmt::Result {
    let lines = text.lines().flat_map(|line| broken(line, TEXT));
    for (number, line) in lines.enumerate() {
        let word = if number == 0 { word } else { "" };
        writeln!(f, "{}", format!("   {word:MARGIN$}{line}").trim_end())?;
    }
    Ok(())
}

const MARGIN: usize = 11;
const TEXT: usize = 66;
