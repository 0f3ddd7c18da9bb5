//! Output to a terminal fits the width, and has colour unless the environment forbids it.

use unicode_width::UnicodeWidthStr;

use super::{
    screen::{Screen, without_colour},
    support::run,
};

/// The output on a terminal of this many columns.
fn shown(columns: u16, words: &[&str], variables: &[(&str, &str)]) -> String {
    Screen::read_only(columns, words, variables).all()
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let runs = [
        &[
            "--fast", "permits", "wide", "deadlock", "broken", "workers", "--set",
            "jobs=40",
        ][..],
        &["--list"],
        &["--help"],
    ];
    for columns in [20, 21, 30, 39, 40, 41, 80, 120] {
        for words in runs {
            let text = without_colour(&shown(columns, words, &[]));
            let wide: Vec<_> =
                text.lines().filter(|line| line.width() > columns.into()).collect();
            assert!(wide.is_empty(), "{columns} columns, {words:?}: {wide:#?}");
        }
    }
}

#[test]
fn an_error_fits_the_terminal_of_standard_error_if_the_output_goes_to_a_pipe() {
    let error = |columns| Screen::of_errors(columns, &["helo"]).all();
    for columns in [20, 40, 80, 120] {
        let text = without_colour(&error(columns));
        let wide = text.lines().find(|line| line.width() > columns.into());
        assert!(text.contains("helo") && wide.is_none(), "{columns} columns: {wide:#?}");
    }
    let sections = "sections: permits hello broken deadlock chatty wide workers panicking \
                    endless blocking\n";
    assert!(error(120).contains(sections), "a line that fits is wrapped: {}", error(120));
}

#[test]
fn a_narrow_terminal_shows_every_word() {
    let text = without_colour(&shown(20, &["--fast", "wide"], &[]));
    let words: Vec<_> = text.split_whitespace().collect();
    let text = words.join(" ");
    for part in [
        "long names and long lines on a narrow page",
        "a sentence that is longer than a narrow terminal is wide",
        "and a very long word:",
    ] {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
    let long: String =
        text.split_once("and a very long word:").expect("the text").1.into();
    let (long, _) = long.split_once("0s").expect("the axis follows");
    assert_eq!(long.matches('x').count(), 50, "{text}");
}

#[test]
fn a_lane_has_the_same_colour_in_its_lines_and_in_the_timeline() {
    let text = shown(80, &["--fast", "permits"], &[]);
    for (lane, hue) in [("job-0", 36), ("job-1", 35), ("job-2", 34)] {
        let painted = format!("\x1b[{hue}m{lane}\x1b[0m");
        assert_eq!(text.matches(&painted).count(), 3, "{lane} in {text:?}");
        assert_eq!(text.matches(lane).count(), 3, "{lane} in {text:?}");
    }
}

#[test]
fn without_colour_the_text_is_the_same() {
    let words = ["--fast", "permits", "wide"];
    let colourful = shown(80, &words, &[]);
    assert!(colourful.contains("\x1b["), "{colourful:?}");
    for variable in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        assert_eq!(
            shown(80, &words, &[variable]),
            without_colour(&colourful),
            "{variable:?}"
        );
    }
    let empty = shown(80, &words, &[("NO_COLOR", "")]);
    assert_eq!(empty, colourful, "an empty NO_COLOR counts as unset");
}

#[test]
fn plain_output_has_no_colour_and_no_timeline_even_on_a_terminal() {
    let text = shown(20, &["--fast", "--plain", "permits"], &[]);
    assert!(
        text.starts_with("permits   jobs share a few permits\n\n[  0.000s] job-0"),
        "{text}"
    );
    assert!(!text.contains('\x1b') && !text.contains('█'), "{text}");
}

#[test]
fn each_section_has_columns_and_colours_of_its_own() {
    let alone = shown(80, &["--fast", "permits"], &[]);
    let after_another = shown(80, &["--fast", "wide", "permits"], &[]);
    assert!(after_another.ends_with(&alone), "{after_another}");
}

/// On the screen, the error is below the lines.
#[test]
fn an_empty_line_separates_an_error_from_the_lines_of_its_section() {
    let text = |section| {
        let words = ["--fast", "--timeline", "never", section];
        without_colour(&shown(80, &words, &[]))
    };
    let broken = "broken   it fails, and its causes are printed\n\n\n";
    let deadlock =
        "deadlock   it waits for an event that never happens\n\n   0.000s  waits\n\n\n";
    assert_eq!([text("broken"), text("deadlock")], [broken, deadlock]);
}

#[test]
fn without_a_keyboard_every_section_runs_and_there_is_no_prompt() {
    let text = without_colour(&shown(80, &["--fast"], &[]));
    assert!(text.contains("it blocks its thread for an hour"), "{text}");
    assert!(!text.contains("Enter"), "{text}");
}

#[test]
fn an_error_is_red_and_a_note_is_bold() {
    let error = Screen::of_errors(80, &["helo"]).all();
    assert!(error.starts_with("\x1b[1;31merror:\x1b[0m "), "{error:?}");
    let note = Screen::of_errors(80, &["--fast", "hello", "hello"]).all();
    assert!(note.starts_with("\x1b[1mnote:\x1b[0m hello is named"), "{note:?}");
}

#[test]
fn the_list_begins_with_the_chapter_and_its_claim() {
    let text = without_colour(&shown(80, &["--list"], &[]));
    let first = "small_chapter   every way in which a section can end\n\n   permits";
    assert!(text.starts_with(first), "{text}");
}

#[test]
fn plain_help_has_no_colour_on_a_terminal() {
    let plain = shown(80, &["--help", "--plain"], &[]);
    assert_eq!(plain, run(&["--help"]).exits_with(0).stdout);
}
