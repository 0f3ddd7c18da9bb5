//! What a run printed, and its timeline, in the width of the terminal.

use crate::stage::{
    record::Recording,
    render::{
        columns::shortened,
        timeline::{self, Style},
        wrap::broken,
    },
    testing::transcript::Transcript,
};

/// More lines than this are counted and not shown. Arbitrary: a report should fit on a screen.
const MAX_LINES: usize = 24;

/// A line takes at most this many rows of the terminal, and the rest of it is cut. Arbitrary.
const MAX_ROWS: usize = 4;

/// The output of the run may take more: it is a single value. Arbitrary, too.
const MAX_ROWS_OF_OUTPUT: usize = 24;

/// The lines of the run, an empty line, and the timeline. A run without lanes has no timeline.
pub(super) fn picture(recording: &Recording, width: usize) -> String {
    let seen = Transcript::of_kept_events(recording.clone());
    let lines = seen.lines();
    let mut text = String::new();
    for line in lines.iter().take(MAX_LINES) {
        text += &wrapped(&line.to_string(), MAX_ROWS, width);
    }
    if let Some(more @ 1..) = lines.len().checked_sub(MAX_LINES) {
        text += &format!("   … and {more} more\n");
    }
    if !recording.lanes.is_empty() {
        if !lines.is_empty() {
            text += "\n";
        }
        text += &timeline::render(recording, Style { width, color: false });
    }
    text
}

/// What the run returned.
pub(super) fn output(output: &str, width: usize) -> String {
    wrapped(&format!("returned {output}"), MAX_ROWS_OF_OUTPUT, width)
}

/// A report about a run that has not ended, whose lines may be longer than the terminal is wide.
pub(super) fn report(report: &str, width: usize) -> String {
    let room = width - BELOW.len();
    let lines = report.lines().map(|line| broken(line, room).join(&format!("\n{BELOW}")));
    lines.collect::<Vec<_>>().join("\n")
}

/// A line, and indented below it what does not fit into the width.
fn wrapped(line: &str, max_rows: usize, width: usize) -> String {
    let room = width - BELOW.len();
    let rows = broken(shortened(line, max_rows * room).trim_end(), room);
    format!("   {}\n", rows.join(&format!("\n{BELOW}")))
}

const BELOW: &str = "      ";

#[cfg(test)]
mod tests {
    use std::panic::Location;

    use super::*;
    use crate::stage::{record::Recorder, render::columns::columns};

    fn picture_of(lines: &[&str], width: usize) -> String {
        let recorder = Recorder::silent();
        let here = Location::caller();
        lines.iter().for_each(|line| recorder.said(None, line, here.into()));
        picture(&recorder.recording(), width)
    }

    #[test]
    fn a_long_line_is_wrapped_and_a_very_long_one_is_cut() {
        let words = "a sentence that is longer than a narrow terminal is wide";
        assert_eq!(
            picture_of(&[words], 40),
            "   [  0.000s] a sentence that is\n      longer than a narrow terminal is\n      \
             wide\n"
        );
        for line in ["x".repeat(200), "界".repeat(100), "y".repeat(100_000)] {
            let text = picture_of(&[&line], 40);
            assert!(text.lines().all(|row| columns(row) <= 40), "{text}");
            assert!(text.lines().count() <= 1 + MAX_ROWS, "{text}");
        }
    }

    #[test]
    fn a_huge_output_is_cut() {
        let text = output(&format!("{:?}", [7; 10_000]), 40);
        assert!(text.starts_with("   returned [7, 7, "), "{text}");
        assert!(text.lines().count() <= 1 + MAX_ROWS_OF_OUTPUT, "{text}");
        assert_eq!(output("7", 40), "   returned 7\n");
    }

    #[test]
    fn a_report_fits_the_terminal_and_loses_no_word() {
        let lane = "   waiter  has waited since 1.00s, after saying \"consumed 9\"   (lane made at \
                    exercises/05_queues/queues1.rs:43:32)";
        let text = report(lane, 60);
        assert!(
            text.lines().count() > 1 && text.lines().all(|row| row.len() <= 60),
            "{text}"
        );
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(words(&text), words(lane));
        assert_eq!(report(lane, 200), lane);
    }

    #[test]
    fn a_line_that_would_clear_the_screen_is_shown_with_its_escapes_replaced() {
        let text = picture_of(&["\u{1b}[2J\u{1b}[31mred\rhidden"], 40);
        let shown = "   [  0.000s] \u{fffd}[2J\u{fffd}[31mred\u{fffd}hidden\n";
        assert_eq!(text, shown);
    }

    #[test]
    fn an_empty_line_separates_lines_and_timeline_only_if_there_are_lines() {
        let picture_with = |line: Option<&str>| {
            let (recorder, here) = (Recorder::silent(), Location::caller());
            let lane = recorder.made("a".to_owned(), None);
            let say = |line: &str| recorder.said(Some(lane), line, here.into());
            line.into_iter().for_each(say);
            picture(&recorder.recording(), 40)
        };
        let timeline = picture_with(None);
        assert!(!timeline.starts_with('\n'), "{timeline}");
        let both = picture_with(Some("here"));
        assert!(both.starts_with("   [  0.000s] a here\n\n"), "{both}");
    }
}
