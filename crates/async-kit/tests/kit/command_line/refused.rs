//! A wrong command line is refused with exit code 2, before any section runs.

use super::support::run;

#[test]
fn an_unknown_section_is_refused_with_the_nearest_name_and_all_names() {
    run(&["helo"]).refused(&[
        "small_chapter has no section \"helo\"; did you mean hello?",
        "permits hello broken deadlock chatty wide workers panicking endless blocking",
    ]);
}

#[test]
fn a_name_unlike_every_section_is_refused_without_a_guess() {
    let ran = run(&["hello", "zzzzzz"]);
    assert!(!ran.stderr.contains("did you mean"), "{ran:#?}");
    ran.refused(&["no section \"zzzzzz\"", "permits hello"]);
}

#[test]
fn a_section_of_another_chapter_is_refused_with_the_command_that_runs_it() {
    let ran = run(&["bounded"]);
    assert_eq!(ran.stderr.matches("another chapter has it").count(), 1, "{ran:#?}");
    ran.refused(&["another chapter has it: cargo run -p queues -- bounded\n"]);
}

#[test]
fn an_empty_argument_is_refused_as_an_unknown_section() {
    run(&[""]).refused(&["no section \"\"", "permits hello"]);
}

#[test]
fn an_empty_path_of_a_picture_is_refused() {
    for option in ["--svg", "--trace", "--record"] {
        let why = format!("{option} takes a path that is not empty");
        run(&["hello", option, ""]).refused(&[&why]);
    }
}

#[test]
fn an_option_is_refused_as_the_path_of_a_picture() {
    for option in ["--svg", "--trace", "--record"] {
        let why =
            format!("{option} takes a path, not \"--fast\"; a path may be ./--fast");
        run(&["hello", option, "--fast"]).refused(&[&why]);
    }
}

#[test]
fn an_unknown_option_is_refused_with_the_nearest_option() {
    run(&["--fats"]).refused(&["there is no --fats; did you mean --fast?"]);
    run(&["-x"]).refused(&["there is no -x; --help lists the options"]);
}

#[test]
fn an_option_without_its_value_is_refused() {
    for option in ["--set", "--threads", "--timeline", "--svg", "--trace", "--record"] {
        run(&[option]).refused(&[option]);
    }
    run(&["--fast=yes", "hello"]).refused(&["--fast", "yes"]);
}

#[test]
fn a_number_of_threads_outside_1_to_256_is_refused() {
    for count in ["0", "-1", "many", "257", "99999999999999999999"] {
        let why = format!("--threads takes a number from 1 to 256, not \"{count}\"");
        run(&["--threads", count]).refused(&[&why]);
    }
}

#[test]
fn virtual_time_with_several_threads_is_refused() {
    run(&["--fast", "--threads", "2"])
        .refused(&["--fast and --threads exclude each other"]);
}

#[test]
fn an_unknown_timeline_value_is_refused() {
    let why = "--timeline takes auto, always or never, not \"sometimes\"";
    run(&["--timeline", "sometimes"]).refused(&[why]);
}

#[test]
fn a_chapter_without_http_refuses_an_address() {
    let why = "small_chapter sends no HTTP requests, so it takes no --url";
    run(&["--url", "http://localhost:1"]).refused(&[why]);
}

#[test]
fn a_section_that_is_named_more_than_once_runs_once_and_is_noted_once() {
    let words = ["--fast", "hello", "wide", "hello", "wide", "hello"];
    let ran = run(&words).exits_with(0);
    assert_eq!(ran.stdout.matches("[  0.000s] hello").count(), 1, "{ran:#?}");
    for name in ["hello", "wide"] {
        let note = format!("{name} is named more than once, and runs once");
        assert_eq!(ran.stderr.matches(&note).count(), 1, "{ran:#?}");
    }
}

#[test]
fn sections_run_in_the_order_of_the_command_line() {
    let ran = run(&["--fast", "hello", "permits"]).exits_with(0);
    assert!(ran.stdout.find("hello") < ran.stdout.find("permits"), "{ran:#?}");
}

#[cfg(unix)]
#[test]
fn an_argument_that_is_not_unicode_is_refused() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    use super::support::{Running, chapter};

    let refused = |words: &[&[u8]], why: &str| {
        let words = words.iter().map(|word| OsStr::from_bytes(word));
        Running::start(chapter(words)).finish().refused(&[why]);
    };
    refused(&[b"\xff"], r#"argument is invalid unicode: "\xFF""#);
    refused(&[b"--set", b"a=\xff"], r#"argument is invalid unicode: "a=\xFF""#);
    refused(&[b"--\xff"], "there is no --\u{fffd}; --help lists the options");
}
