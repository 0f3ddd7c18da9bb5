//! The `main` of an exercise shows its run, what it returned, and once why its checks refused it.
//!
//! The kit knows an exercise by its folder, so the programs are in `exercises/`. Each runs in a process
//! of its own, as a learner runs it.

mod refused;
mod shown;

use std::{
    env, fs,
    process::{Command, Output},
};

use async_kit::exercise::fingerprint;
use tempfile::TempDir;

const CHECKS: &str = "#[cfg(test)]\nmod tests {\n}\n";

/// Makes a pack whose only exercise is this file. Its list has the fingerprint of these checks.
fn pack(file: &str, listed: &str) -> TempDir {
    let pack = tempfile::tempdir().expect("a temporary folder");
    let exercise = pack.path().join(file);
    let name = exercise.file_stem().expect("a name").display();
    let checks = fingerprint(listed);
    let list = format!("[[exercises]]\nname = \"{name}\"\nchecks = \"{checks}\"\n");
    fs::write(pack.path().join("info.toml"), list).expect("a list");
    fs::create_dir_all(exercise.parent().expect("a folder")).expect("a folder");
    fs::write(&exercise, CHECKS).expect("an exercise");
    pack
}

/// Runs one program of an exercise. Returns what it printed, and its exit code.
fn run(pack: &TempDir, program: &str) -> (String, Option<i32>) {
    let this = env::current_exe().expect("the path of the running test");
    let Output { status, stdout, .. } = Command::new(this)
        .args(["--ignored", "--exact", "--nocapture", &format!("exercises::{program}")])
        .env("CARGO_MANIFEST_DIR", pack.path())
        .output()
        .expect("a second process of this test program");
    (String::from_utf8_lossy(&stdout).into_owned(), status.code())
}

#[track_caller]
fn shows(program: &str, parts: &[&str], code: i32) -> String {
    let (text, ended) = run(&pack(shown::FILE, CHECKS), &format!("shown::{program}"));
    for part in parts {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
    assert_eq!(ended, Some(code), "{text}");
    text
}

#[test]
fn the_lines_of_a_run_are_shown_and_what_it_returned_unless_that_is_nothing() {
    shows("a_value", &["   [  0.000s] thinks\n\n   returned 42\n"], 0);
    shows("a_value_in_real_time", &["\n   returned 42\n"], 0);
    let text = shows("nothing", &["   [  0.000s] thinks\n"], 0);
    assert!(!text.contains("returned"), "{text}");
}

#[test]
fn a_run_that_panics_shows_why_and_has_exit_code_1() {
    shows("a_panic", &["   [  0.000s] thinks\n\nThe run panicked: oh"], 1);
}

#[test]
fn a_prediction_is_shown_before_its_run_and_alone_if_it_is_not_complete() {
    let predicted = "   You predict:\n       0 ms  thinks\n";
    let run = "\n   It prints:\n   [  0.000s] thinks\n";
    shows("a_prediction", &[&format!("{predicted}{run}")], 0);
    let text = shows("an_unknown_time", &["\n   Replace each 9999 by a time"], 0);
    assert!(!text.contains("[  0.000s]"), "{text}");
}

#[test]
fn an_exercise_with_changed_checks_shows_no_run() {
    let pack = pack(shown::FILE, "other checks");
    for program in ["a_value", "a_value_in_real_time", "a_prediction"] {
        let (text, code) = run(&pack, &format!("shown::{program}"));
        assert!(text.contains("The checks of shown were changed"), "{text}");
        assert!(!text.contains("thinks") && code == Some(1), "{code:?}: {text}");
    }
}

#[test]
fn why_the_checks_refuse_an_answer_is_shown_once_and_in_place_of_its_panic() {
    let pack = pack(refused::FILE, CHECKS);
    let (text, _) = run(&pack, "refused::checked");
    assert!(text.contains("test result: FAILED"), "{text}");
    for is_repeated in [true, false] {
        let (text, code) = run(&pack, "refused::shown");
        assert_eq!(text.contains("The first check that refuses"), is_repeated, "{text}");
        assert_eq!(text.matches("The run panicked: oh").count(), 1, "{text}");
        assert_eq!(code, Some(1), "{text}");
    }
}
