//! A refusal says what happened, what was expected and the likely mistake.

use std::{
    fmt::{self, Display},
    iter,
    panic::{self, Location},
    path::Path,
    sync::atomic::{AtomicBool, Ordering::SeqCst},
};

use super::{last_refusal, picture::picture, terminal_width::width};
use crate::stage::{
    record::Recording,
    render::{columns::visible, wrap::broken},
};

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
    refuse_with(check, &format!("{why}\n   checked in {check}\n"), recording)
}

/// Refuses an answer with this text, and does not name the check.
pub(super) fn refuse_with(
    check: &Location<'_>,
    refusal: &str,
    recording: &Recording,
) -> ! {
    // The refusal last: a long run must not scroll it off the screen.
    let text = format!("\n{}\n{refusal}", picture(recording, width()));
    raise_with(text, || last_refusal::save(Path::new(check.file()), refusal))
}

/// Refuses an answer without showing its run.
pub(super) fn raise(text: String) -> ! {
    raise_with(text, || {})
}

/// Whether a check of this process has refused the answer.
static REFUSED: AtomicBool = AtomicBool::new(false);

const REFUSED_TOO: &str =
    "\n   This check refuses the answer too. Mend first what the first message says.\n";

/// Prints the text only for the first check that refuses the answer: the test harness shows what all
/// checks print, and the first message names the next step.
fn raise_with(text: String, at_the_first: impl FnOnce()) -> ! {
    if REFUSED.swap(true, SeqCst) {
        eprintln!("{REFUSED_TOO}");
    } else {
        at_the_first();
        eprintln!("{text}");
    }
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
        let width = width();
        f.write_str(&entry("happened:", &self.happened, width))?;
        f.write_str(&entry("expected:", &self.expected, width))?;
        write!(f, "{}", Likely(self.mistake))
    }
}

/// The mistake that was most likely made.
pub(super) struct Likely<'a>(pub(super) &'a str);

impl fmt::Display for Likely<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&entry("likely:", self.0, width()))
    }
}

/// A word, and a text beside it, in the width of the terminal.
fn entry(word: &str, text: &str, width: usize) -> String {
    let room = width.min(WIDEST) - INDENT.len() - MARGIN;
    let mut rows: Vec<_> =
        text.lines().flat_map(|line| broken(&visible(line), room)).collect();
    if rows.len() > MAX_ROWS {
        rows.truncate(MAX_ROWS);
        rows.push("…".to_owned());
    }
    let words = iter::once(word).chain(iter::repeat(""));
    rows.iter()
        .zip(words)
        .map(|(row, word)| {
            format!("{INDENT}{word:MARGIN$}{row}").trim_end().to_owned() + "\n"
        })
        .collect()
}

const INDENT: &str = "   ";

/// The columns of the word, and of the gap behind it.
const MARGIN: usize = 11;

/// More rows than this are cut: an answer may return thousands of values. Arbitrary.
const MAX_ROWS: usize = 24;

/// A text is not broken into longer rows in a wider terminal. Arbitrary: rows that are still easy to
/// read.
const WIDEST: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_fits_the_terminal_and_shows_no_escapes() {
        let text = "lost, wherever\nit is cancelled \u{1b}[2J";
        assert_eq!(
            entry("happened:", text, 30),
            "   happened:  lost, wherever\n              it is cancelled\n              \
             \u{fffd}[2J\n"
        );
        let long = entry("likely:", &"word ".repeat(40), 200);
        assert!(long.lines().all(|row| row.len() <= WIDEST), "{long}");
    }

    #[test]
    fn a_huge_value_is_cut() {
        let text = entry("happened:", &format!("it returned {:?}", [7; 10_000]), 80);
        assert_eq!(text.lines().count(), MAX_ROWS + 1);
        assert!(text.ends_with("7,\n              …\n"), "{text}");
    }

    #[test]
    fn a_text_that_fits_is_not_cut() {
        let text = entry("happened:", &"row\n".repeat(MAX_ROWS), 80);
        assert_eq!(text.lines().count(), MAX_ROWS);
        assert!(!text.contains('…'), "{text}");
    }
}
