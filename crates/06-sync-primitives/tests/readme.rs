//! The picture in the readme is the one that the section draws.

use std::{fs, process::Command};

#[test]
fn the_readme_shows_what_the_semaphore_draws() {
    let run = Command::new(env!("CARGO_BIN_EXE_sync-primitives"))
        .args(["semaphore", "--fast", "--timeline", "always"])
        .env_remove("COLUMNS")
        .output()
        .expect("the chapter runs");
    let drawn = String::from_utf8(run.stdout).expect("it prints UTF-8");
    // What it says, then an empty line, then the picture.
    let picture = drawn.trim_end().rsplit("\n\n").next().expect("it draws a picture");
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");
    let readme = fs::read_to_string(readme).expect("there is a readme");
    assert!(picture.contains("job-9"), "no picture in:\n{drawn}");
    assert!(readme.contains(picture), "the readme does not show:\n{picture}");
}
