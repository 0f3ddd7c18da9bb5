//! On a terminal, a chapter runs one section, waits at a prompt, and runs the typed command.

use std::fs;

use super::{screen::Screen, support::Folder};

/// Starts the small chapter in virtual time, and waits for the prompt after its first section.
#[track_caller]
fn at_first_prompt() -> Screen {
    let mut screen = Screen::open(&["--fast"]);
    let first = screen.prompt();
    assert!(first.contains("permits   jobs share a few permits\n"), "{first}");
    screen
}

#[test]
fn enter_runs_only_the_next_section() {
    let mut screen = at_first_prompt();
    screen.types("");
    let shown = screen.prompt();
    assert!(shown.contains("hello   one line, and no knob\n"), "{shown}");
    assert!(!shown.contains("it fails"), "{shown}");
    assert!(!shown.contains("KNOB=VALUE"), "the section has no knob: {shown}");
    screen.types("q");
    screen.finish().exits_with(0);
}

#[test]
fn enter_after_the_last_section_ends_the_chapter() {
    let mut screen = at_first_prompt();
    screen.types("blocking");
    let shown = screen.prompt();
    assert!(shown.contains("left out"), "{shown}");
    assert!(shown.contains("Enter end"), "{shown}");
    screen.types("");
    screen.finish().exits_with(0);
}

#[test]
fn a_knob_keeps_its_new_value_until_another_section_runs() {
    let mut screen = at_first_prompt();
    for typed in ["permits=1 jobs=4", "r"] {
        screen.types(typed);
        let shown = screen.prompt();
        assert!(shown.contains("knobs permits=1 jobs=4 pause=20ms"), "{typed}: {shown}");
    }
    screen.types("hello");
    screen.prompt();
    screen.types("permits");
    let shown = screen.prompt();
    assert!(shown.contains("knobs permits=2 jobs=3 pause=20ms"), "{shown}");
}

#[test]
fn a_knob_set_on_the_command_line_keeps_its_value() {
    let mut screen = Screen::open(&["--fast", "--set", "jobs=5"]);
    screen.prompt();
    screen.types("permits=1");
    let shown = screen.prompt();
    assert!(shown.contains("knobs permits=1 jobs=5"), "{shown}");
}

#[test]
fn a_wrong_setting_runs_nothing_and_the_prompt_is_shown_again() {
    for (typed, last) in [
        ("permits=99", "permits  permits=2 (1..=10)"),
        ("permits=many", "permits  permits=2 (1..=10)"),
        ("permit=1", "permits  pause=20ms (1ms..=1s)"),
        ("=", "permits  pause=20ms (1ms..=1s)"),
        ("permits=1 jobs", "error: \"jobs\" is not a setting: type KNOB=VALUE"),
    ] {
        let mut screen = at_first_prompt();
        screen.types(typed);
        screen.complains(last);
        let shown = screen.prompt();
        assert!(!shown.contains("job-0"), "{typed}: {shown}");
    }
}

#[test]
fn an_unknown_name_is_refused_and_the_prompt_is_shown_again() {
    let mut screen = at_first_prompt();
    screen.types("helo");
    screen.complains("panicking endless blocking");
    screen.prompt();
    screen.types(&"x".repeat(1000));
    screen.complains("xxx…\"");
    screen.prompt();
    screen.presses(b"\xff\n");
    screen.complains("panicking endless blocking");
    screen.prompt();
    screen.types("hello");
    assert!(screen.prompt().contains("one line, and no knob"));
}

#[test]
fn one_key_lists_the_sections_and_another_explains_the_marks() {
    let mut screen = at_first_prompt();
    screen.types("l");
    let list = screen.prompt();
    assert!(list.contains("permits=2 (1..=10) · jobs=3 (1..=40)"), "{list}");
    screen.types("?");
    let marks = screen.prompt();
    assert!(marks.contains("░ waits"), "{marks}");
}

#[test]
fn a_changed_knob_shows_how_long_the_run_took_before_and_answers_its_question() {
    let mut screen = at_first_prompt();
    screen.types("r");
    let again = screen.prompt();
    assert!(!again.contains("before"), "no knob was changed: {again}");
    assert!(again.contains("try permits=1"), "{again}");
    screen.types("permits = 1");
    let changed = screen.prompt();
    assert!(changed.contains("\n   before, with permits=2: 40 ms\n"), "{changed}");
    assert!(!changed.contains("try permits=1"), "it is tried: {changed}");
    screen.types("hello");
    let other = screen.prompt();
    assert!(!other.contains("before"), "another section ran before: {other}");
}

#[test]
fn the_claim_is_repeated_above_the_timeline_if_it_has_left_the_screen() {
    let mut screen = at_first_prompt();
    for (typed, claims) in [("jobs=2", 1), ("jobs=30", 2)] {
        screen.types(typed);
        let shown = screen.prompt();
        let count = shown.matches("permits   jobs share a few permits\n").count();
        assert_eq!(count, claims, "{typed}: {shown}");
    }
}

#[test]
fn the_end_of_the_input_ends_the_chapter() {
    let mut screen = at_first_prompt();
    screen.presses(b"\x04");
    screen.finish().exits_with(0);
}

#[test]
fn a_failed_section_does_not_end_the_chapter_but_the_exit_code_is_1() {
    let mut screen = at_first_prompt();
    screen.types("broken");
    screen.prompt();
    screen.types("q");
    let ran = screen.finish().exits_with(1);
    ran.complains(&["broken failed: no breakfast", "1 section failed: broken"]);
}

#[test]
fn ctrl_c_at_the_prompt_ends_the_chapter_and_writes_the_files() {
    let folder = Folder::new("walk");
    let (pictures, record) = (folder.word("pictures"), folder.word("run.json"));
    let mut screen = Screen::open(&["--fast", "--svg", &pictures, "--record", &record]);
    screen.prompt();
    screen.interrupts();
    let ran = screen.finish().exits_with(130);
    ran.complains(&["wrote 1 picture to", "wrote a record to", "stopped by Ctrl-C"]);
    assert!(!ran.stderr.contains("press Ctrl-C again"), "{ran:#?}");
    let names = fs::read_dir(pictures).expect("a folder");
    let names: Vec<_> = names.map(|file| file.expect("a file").file_name()).collect();
    assert_eq!(names, ["permits.svg"], "a section that did not run has no picture");
    assert!(fs::read_to_string(record).expect("a record").contains("job-2"));
}

#[test]
fn ctrl_c_in_a_section_ends_the_chapter() {
    let mut screen = Screen::open(&[]);
    screen.prompt();
    screen.types("endless");
    screen.waits_for("tick");
    screen.interrupts();
    let ran = screen.finish().exits_with(130);
    assert!(ran.stdout.contains("lock released"), "{ran:#?}");
}

#[test]
fn a_run_that_ctrl_c_stops_asks_no_question() {
    let mut screen = Screen::open(&[]);
    assert!(screen.prompt().contains("try permits=1"));
    screen.types("pause=1s jobs=40");
    screen.waits_for("starts");
    screen.interrupts();
    let ran = screen.finish().exits_with(130);
    let (_, stopped) = ran.stdout.rsplit_once("pause=1s jobs=40").expect("an echo");
    assert!(stopped.contains("lanes") && !stopped.contains("try "), "{stopped}");
}

#[test]
fn named_sections_run_without_a_prompt() {
    for words in [&["--fast", "hello"][..], &["--fast", "--plain", "hello"]] {
        let ran = Screen::open(words).finish().exits_with(0);
        assert!(!ran.stdout.contains("Enter"), "{ran:#?}");
    }
}

#[test]
fn the_option_all_runs_every_section_without_a_prompt() {
    let ran = Screen::open(&["--all", "--fast", "--timeline", "never"]).finish();
    let ran = ran.exits_with(1);
    assert!(ran.stdout.contains("it blocks its thread"), "{ran:#?}");
    assert!(!ran.stdout.contains("Enter"), "{ran:#?}");
    ran.complains(&["2 sections failed: broken, deadlock"]);
}

#[test]
fn a_program_outside_the_book_names_its_code_but_no_page_and_no_twin() {
    let mut screen = Screen::open(&["--fast"]);
    let shown = screen.prompt();
    assert!(shown.contains("   code examples/small_chapter.rs\n"), "{shown}");
    assert!(
        shown.contains("   try permits=1: when does the last job start?\n"),
        "{shown}"
    );
    assert!(!shown.contains("twin") && !shown.contains("page"), "{shown}");
}
