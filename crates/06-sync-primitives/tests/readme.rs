//! The README shows the timeline that the section `semaphore` draws.

use std::{fs, path::Path, process::Command};

#[test]
fn the_readme_shows_the_timeline_of_the_semaphore() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let out = Command::new(env!("CARGO_BIN_EXE_sync-primitives"))
        .args(["--fast", "--timeline", "always", "semaphore"])
        // Paths are shown from the working folder on.
        .current_dir(root.canonicalize().expect("the workspace"))
        .output()
        .expect("the chapter runs");
    let out = String::from_utf8(out.stdout).expect("text");
    let timeline = &out[out.find("          0.0s").expect("an axis")..];
    let readme = fs::read_to_string(root.join("README.md")).expect("a readme");
    assert!(readme.contains(timeline.trim_end()), "the README should show:\n{timeline}");
}
