//! A wrong command line is refused whole, with code 2, before anything runs.

use super::support::run;

#[test]
fn an_unknown_section_is_refused_with_the_nearest_and_all_others() {
    run(&["helo"]).refused(&[
        "small_chapter has no section \"helo\"; did you mean hello?",
        "permits hello broken deadlock chatty wide workers panicking endless deaf",
    ]);
}

#[test]
fn a_section_that_resembles_none_is_refused_without_a_guess() {
    let ran = run(&["hello", "zzzzzz"]);
    assert!(!ran.stderr.contains("did you mean"), "{ran:#?}");
    ran.refused(&["no section \"zzzzzz\"", "permits hello"]);
}

#[test]
fn an_empty_argument_is_an_unknown_section() {
    run(&[""]).refused(&["no section \"\"", "permits hello"]);
}

#[test]
fn an_empty_name_of_a_picture_is_refused() {
    for option in ["--svg", "--trace"] {
        let why = format!("{option} needs a name that is not empty");
        run(&["hello", option, ""]).refused(&[&why]);
    }
}

#[test]
fn an_unknown_option_is_refused_with_the_nearest() {
    run(&["--fats"]).refused(&["there is no --fats; did you mean --fast?"]);
    run(&["-x"]).refused(&["there is no -x; --help lists what there is"]);
}

#[test]
fn an_option_without_its_value_is_refused() {
    for option in ["--set", "--threads", "--timeline", "--svg", "--trace"] {
        run(&[option]).refused(&[option]);
    }
    run(&["--fast=yes", "hello"]).refused(&["--fast", "yes"]);
}

#[test]
fn a_number_of_threads_is_at_least_one() {
    for count in ["0", "-1", "many", "257", "99999999999999999999"] {
        let why = format!("--threads takes a number from 1 to 256, not \"{count}\"");
        run(&["--threads", count]).refused(&[&why]);
    }
}

#[test]
fn virtual_time_takes_no_threads() {
    run(&["--fast", "--threads", "2"])
        .refused(&["--fast and --threads exclude each other"]);
}

#[test]
fn a_timeline_is_drawn_always_never_or_by_itself() {
    let why = "--timeline takes auto, always or never, not \"sometimes\"";
    run(&["--timeline", "sometimes"]).refused(&[why]);
}

#[test]
fn an_address_is_refused_by_a_chapter_that_speaks_no_http() {
    let why = "small_chapter speaks no HTTP, so it takes no --url";
    run(&["--url", "http://localhost:1"]).refused(&[why]);
}

#[test]
fn a_section_that_is_named_twice_runs_once() {
    let ran = run(&["--fast", "hello", "hello"]).exits_with(0);
    assert_eq!(ran.stdout.matches("[  0.000s] hello").count(), 1, "{ran:#?}");
    ran.complains(&["hello is named twice, and runs once"]);
}

#[test]
fn sections_run_in_the_order_in_which_they_are_named() {
    let ran = run(&["--fast", "hello", "permits"]).exits_with(0);
    assert!(ran.stdout.find("hello") < ran.stdout.find("permits"), "{ran:#?}");
}

#[cfg(unix)]
#[test]
fn an_argument_that_is_no_text_is_refused() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    use super::support::{Running, chapter};

    let refused = |words: &[&[u8]], why: &str| {
        let words = words.iter().map(|word| OsStr::from_bytes(word));
        Running::start(chapter(words)).finish().refused(&[why]);
    };
    refused(&[b"\xff"], r#"argument is invalid unicode: "\xFF""#);
    refused(&[b"--set", b"a=\xff"], r#"argument is invalid unicode: "a=\xFF""#);
    refused(&[b"--\xff"], "there is no --\u{fffd}; --help lists what there is");
}
