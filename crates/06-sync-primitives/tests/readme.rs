//! The README shows the timeline that the section `semaphore` draws.

use std::{fs, path::Path, process::Command};

#[test]
fn the_readme_shows_the_timeline_of_the_semaphore() {
    let out = Command::new(env!("CARGO_BIN_EXE_sync-primitives"))
        .args(["--fast", "--timeline", "always", "semaphore"])
        .output()
        .expect("the chapter runs");
    let out = String::from_utf8(out.stdout).expect("text");
    let timeline = &out[out.find("          0.0s").expect("an axis")..];
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = fs::read_to_string(readme).expect("a readme");
    assert!(readme.contains(timeline.trim_end()), "the README should show:\n{timeline}");
}
