//! The program reports what it has found, and refuses a command that it does not know.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use tempfile::{TempDir, tempdir};

/// A workspace with two empty packs, and with wrong answers that belong to no exercise.
fn workspace() -> TempDir {
    let root = tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    for pack in ["workshop", "workshop-apps"] {
        write(&format!("crates/{pack}/info.toml"), "exercises = []\n");
    }
    write("crates/workshop/README.md", "");
    write("crates/workshop/wrong/queues9/a.rs", "");
    write("docs/src/words.md", "");
    root
}

/// Runs the program where it finds no Python.
fn workshop(words: &[&str], folder: &Path) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_workshop"));
    program.args(words).current_dir(folder).env("PATH", "").output().unwrap()
}

#[test]
fn check_prints_what_it_has_found_although_python_is_missing() {
    let root = workspace();
    let output = workshop(&["check", "."], root.path());
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{text}");
    let found = text.find("queues9 belongs to no exercise");
    let end = text.find("error: there is no usable python3");
    assert!(found.is_some() && end.is_some() && found < end, "{text}");
}

#[test]
fn a_misspelt_command_and_a_missing_argument_are_refused_with_the_list() {
    for words in [&["chek", "."][..], &["check"], &["verify"], &["report"], &[]] {
        let output = workshop(words, Path::new("."));
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{words:?}: {text}");
        let why = "error: unknown command, or a missing argument\nworkshop check ROOT";
        assert!(text.starts_with(why), "{words:?}: {text}");
    }
}
