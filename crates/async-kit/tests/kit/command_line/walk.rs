//! In a terminal a chapter shows one section, waits at a prompt, and does what is typed there.

use std::fs;

use super::{screen::Screen, support::Folder};

/// A walk of the small chapter in virtual time, after its first section.
#[track_caller]
fn walk() -> Screen {
    let mut screen = Screen::open(&["--fast"]);
    let first = screen.prompt();
    assert!(first.contains("permits   jobs share a few permits\n"), "{first}");
    screen
}

#[test]
fn enter_shows_the_next_section_and_no_further_one() {
    let mut screen = walk();
    screen.types("");
    let shown = screen.prompt();
    assert!(shown.contains("hello   one line, and no knob\n"), "{shown}");
    assert!(!shown.contains("it fails"), "{shown}");
    assert!(!shown.contains("KNOB=VALUE"), "there is no knob to turn: {shown}");
    screen.types("q");
    screen.finish().exits_with(0);
}

#[test]
fn enter_after_the_last_section_ends_the_walk() {
    let mut screen = walk();
    screen.types("deaf");
    let shown = screen.prompt();
    assert!(shown.contains("left out"), "{shown}");
    assert!(shown.contains("Enter end"), "{shown}");
    screen.types("");
    screen.finish().exits_with(0);
}

#[test]
fn a_turned_knob_stays_turned_until_another_section_is_shown() {
    let mut screen = walk();
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
fn a_knob_set_on_the_command_line_stays_set() {
    let mut screen = Screen::open(&["--fast", "--set", "jobs=5"]);
    screen.prompt();
    screen.types("permits=1");
    let shown = screen.prompt();
    assert!(shown.contains("knobs permits=1 jobs=5"), "{shown}");
}

#[test]
fn a_wrong_setting_runs_nothing_and_the_prompt_comes_again() {
    for (typed, last) in [
        ("permits=99", "permits  --set permits=2 (1..=10)"),
        ("permits=many", "permits  --set permits=2 (1..=10)"),
        ("permit=1", "permits  --set pause=20ms (1ms..=1s)"),
        ("=", "permits  --set pause=20ms (1ms..=1s)"),
        ("permits=1 jobs", "error: \"jobs\" is not a setting: type KNOB=VALUE"),
    ] {
        let mut screen = walk();
        screen.types(typed);
        screen.complains(last);
        let shown = screen.prompt();
        assert!(!shown.contains("job-0"), "{typed}: {shown}");
    }
}

#[test]
fn an_unknown_name_is_refused_and_the_prompt_comes_again() {
    let mut screen = walk();
    screen.types("helo");
    screen.complains("panicking endless deaf");
    screen.prompt();
    screen.presses(b"\xff\n");
    screen.complains("panicking endless deaf");
    screen.prompt();
    screen.types("hello");
    assert!(screen.prompt().contains("one line, and no knob"));
}

#[test]
fn the_sections_and_the_marks_are_one_key_away() {
    let mut screen = walk();
    screen.types("l");
    let list = screen.prompt();
    assert!(list.contains("permits=2 (1..=10) · jobs=3 (1..=40)"), "{list}");
    screen.types("?");
    let marks = screen.prompt();
    assert!(marks.contains("░ waits"), "{marks}");
}

#[test]
fn the_end_of_the_input_ends_the_walk() {
    let mut screen = walk();
    screen.presses(b"\x04");
    screen.finish().exits_with(0);
}

#[test]
fn a_failed_section_does_not_end_the_walk_but_its_exit_code_is_1() {
    let mut screen = walk();
    screen.types("broken");
    screen.prompt();
    screen.types("q");
    screen.finish().exits_with(1).complains(&["broken failed: no breakfast"]);
}

#[test]
fn ctrl_c_at_the_prompt_ends_the_walk_and_finishes_the_pictures() {
    let folder = Folder::new("walk");
    let (pictures, trace) = (folder.word("pictures"), folder.word("run.json"));
    let mut screen = Screen::open(&["--fast", "--svg", &pictures, "--trace", &trace]);
    screen.prompt();
    screen.interrupts();
    let ran = screen.finish().exits_with(130);
    ran.complains(&["wrote 1 picture to", "wrote a trace to", "stopped by Ctrl-C"]);
    assert!(!ran.stderr.contains("press Ctrl-C again"), "{ran:#?}");
    let names = fs::read_dir(pictures).expect("a folder");
    let names: Vec<_> = names.map(|file| file.expect("a file").file_name()).collect();
    assert_eq!(names, ["permits.svg"], "a section that was not shown has no picture");
    assert!(fs::read_to_string(trace).expect("a trace").contains("job-2"));
}

#[test]
fn ctrl_c_in_a_section_ends_the_walk() {
    let mut screen = Screen::open(&[]);
    screen.prompt();
    screen.types("endless");
    screen.waits_for("tick");
    screen.interrupts();
    let ran = screen.finish().exits_with(130);
    assert!(ran.stdout.contains("lock released"), "{ran:#?}");
}

#[test]
fn named_sections_run_without_a_prompt() {
    for words in [&["--fast", "hello"][..], &["--fast", "--plain", "hello"]] {
        let ran = Screen::open(words).finish().exits_with(0);
        assert!(!ran.stdout.contains("Enter"), "{ran:#?}");
    }
}

#[test]
fn all_runs_every_section_without_a_prompt() {
    let ran = Screen::open(&["--all", "--fast", "--timeline", "never"]).finish();
    let ran = ran.exits_with(1);
    assert!(ran.stdout.contains("it blocks its thread"), "{ran:#?}");
    assert!(!ran.stdout.contains("Enter"), "{ran:#?}");
    ran.complains(&["2 of 10 sections failed: broken, deadlock"]);
}

#[test]
fn a_program_of_the_readers_own_names_its_code_but_no_page_and_no_twin() {
    let mut screen = Screen::open(&["--fast"]);
    let shown = screen.prompt();
    assert!(shown.contains("   code examples/small_chapter.rs\n"), "{shown}");
    assert!(
        shown.contains("   try permits=1: when does the last job start?\n"),
        "{shown}"
    );
    assert!(!shown.contains("twin") && !shown.contains("page"), "{shown}");
}
