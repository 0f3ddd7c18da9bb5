//! However a run ends, it says so, and its exit code tells.

use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
};

use super::support::{LIMIT, chapter, drain, finish_child, run, start};

#[test]
fn a_failing_section_tells_its_causes_and_the_others_run() {
    let ran = run(&["--fast", "broken", "hello"]).exits_with(1);
    assert!(ran.stdout.contains("] hello\n"), "{ran:#?}");
    ran.complains(&[
        "broken failed: no breakfast\n  because: no bread\n  because: the oven is cold\n",
        "1 of 2 sections failed: broken",
    ]);
}

#[test]
fn a_deadlock_is_reported_and_the_others_run() {
    let ran = run(&["--fast", "deadlock", "hello"]).exits_with(1);
    assert!(ran.stdout.contains("] hello\n"), "{ran:#?}");
    ran.complains(&[
        "deadlock failed: DEADLOCK at 0.00s: nothing is left to run",
        "waiter  has waited since 0.00s",
    ]);
}

#[test]
fn a_panicking_section_fails_and_the_others_run() {
    let ran = run(&["panicking", "hello"]).exits_with(1);
    assert!(ran.stdout.contains("] hello\n"), "{ran:#?}");
    assert!(ran.stderr.contains("panicking failed: it panicked: too hot\n"), "{ran:#?}");
}

#[test]
fn a_closed_pipe_ends_a_run_quietly() {
    let mut child =
        start(chapter().args(["--fast", "chatty", "broken"]).stdout(Stdio::piped()));
    let mut reader = BufReader::new(child.stdout.take().expect("piped"));
    reader.read_line(&mut String::new()).expect("a first line");
    drop(reader);
    let ran = finish_child(child, &drain(std::io::empty())).exits_with(0);
    assert_eq!(ran.stderr, "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_fails_the_run() {
    let full =
        std::fs::File::options().write(true).open("/dev/full").expect("a full disk");
    for words in [&["--fast", "hello"][..], &["--list"], &["--help"]] {
        let stdout = full.try_clone().expect("a second handle");
        let child = start(chapter().args(words).stdout(stdout));
        let ran = finish_child(child, &drain(std::io::empty())).exits_with(1);
        ran.complains(&["cannot write to standard output: No space left on device"]);
    }
}

/// A chapter whose reader will press Ctrl-C.
#[cfg(unix)]
struct Interrupted(Child);

#[cfg(unix)]
impl Interrupted {
    /// Starts these sections, and waits for the line that ends with `last`.
    fn after(words: &[&str], last: &str) -> (Self, BufReader<ChildStdout>) {
        let mut child = start(chapter().args(words).stdout(Stdio::piped()));
        let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
        wait_for(&mut stdout, last);
        (Self(child), stdout)
    }

    fn press(&self) {
        let id = self.0.id().to_string();
        let kill = Command::new("kill").args(["-INT", &id]).status();
        assert!(kill.as_ref().is_ok_and(ExitStatus::success), "{kill:?}");
    }
}

/// Reads until a line ends with `last`.
#[cfg(unix)]
fn wait_for(lines: &mut impl BufRead, last: &str) {
    let mut seen = String::new();
    while !seen.trim_end().ends_with(last) {
        let read = lines.read_line(&mut seen).expect("a line");
        assert!(read > 0, "it ended before {last:?}: {seen}");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_releases_what_is_held_and_draws_what_was_seen() {
    let words = ["endless", "hello", "--timeline", "always"];
    let (chapter, stdout) = Interrupted::after(&words, "tick");
    chapter.press();
    let ran = finish_child(chapter.0, &drain(stdout)).exits_with(130);
    let (_, after) =
        ran.stdout.split_once("lock released").expect("the lock is released");
    assert!(after.contains("⊘"), "the partial timeline shows a cancelled lane: {ran:#?}");
    assert!(
        !ran.stdout.contains("one line, and no knob"),
        "the next section ran: {ran:#?}"
    );
    ran.complains(&["stopped by Ctrl-C"]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_releases_what_is_held_on_many_threads() {
    let (chapter, stdout) = Interrupted::after(&["endless", "--threads", "4"], "tick");
    chapter.press();
    let ran = finish_child(chapter.0, &drain(stdout)).exits_with(130);
    assert!(ran.stdout.contains("lock released"), "{ran:#?}");
}

#[cfg(unix)]
#[test]
fn a_second_ctrl_c_ends_even_a_section_that_blocks_its_thread() {
    let (mut chapter, stdout) = Interrupted::after(&["deaf"], "asleep");
    chapter.press();
    let mut stderr = BufReader::new(chapter.0.stderr.take().expect("piped"));
    wait_for(&mut stderr, "stopping: press Ctrl-C again to end at once");
    chapter.press();
    drain(stdout).recv_timeout(LIMIT).expect("the process ends, and its output with it");
    assert_eq!(chapter.0.wait().expect("a process of ours").code(), Some(130));
}
