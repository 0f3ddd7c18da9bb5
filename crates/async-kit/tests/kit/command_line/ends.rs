//! The messages and the exit code of a run show how it ended.

use super::support::{Folder, Running, chapter, run};

#[test]
fn a_failed_section_prints_its_causes_and_the_other_sections_run() {
    let ran = run(&["--fast", "broken", "hello"]).exits_with(1);
    assert!(ran.stdout.contains("] hello\n"), "{ran:#?}");
    ran.complains(&[
        "broken failed: no breakfast\n  because: no bread\n  because: the oven is cold\n",
        "1 section failed: broken",
    ]);
}

#[test]
fn failed_sections_are_counted_only_if_one_of_several_failed() {
    let ran = run(&["--fast", "broken"]).exits_with(1);
    assert!(!ran.stderr.contains("1 section failed"), "{ran:#?}");
    let ran = run(&["--fast", "hello", "permits"]).exits_with(0);
    assert_eq!(ran.stderr, "");
}

#[test]
fn a_deadlock_is_reported_and_the_other_sections_run() {
    let ran = run(&["--fast", "deadlock", "hello"]).exits_with(1);
    assert!(ran.stdout.contains("] hello\n"), "{ran:#?}");
    ran.complains(&[
        "deadlock failed: DEADLOCK at 0.00s: nothing is left to run",
        "waiter  has waited since 0.00s",
    ]);
}

#[test]
fn a_panicking_section_fails_and_the_other_sections_run() {
    let ran = run(&["panicking", "hello"]).exits_with(1);
    assert!(ran.stdout.contains("] hello\n"), "{ran:#?}");
    assert!(ran.stderr.contains("panicking failed: it panicked: too hot\n"), "{ran:#?}");
}

#[test]
fn a_closed_pipe_ends_a_run_without_an_error() {
    let chapter = chapter(["--fast", "chatty", "broken"]);
    let ran = Running::start_and_read(chapter, 3).finish().exits_with(0);
    assert!(ran.stdout.ends_with("[  0.000s] line 0\n"), "{ran:#?}");
    assert_eq!(ran.stderr, "");
}

#[test]
fn a_closed_pipe_leaves_no_file_unfinished() {
    let folder = Folder::new("unread");
    let path = folder.word("run.json");
    for option in ["--trace", "--record"] {
        let chapter = chapter(["--fast", "chatty", "permits", option, &path]);
        let ran = Running::start_and_read(chapter, 3).finish().exits_with(0);
        assert!(ran.stdout.ends_with("[  0.000s] line 0\n"), "{ran:#?}");
        let json = std::fs::read_to_string(&path).expect("a trace or a record");
        serde_json::from_str::<serde_json::Value>(&json).expect("valid JSON");
        assert!(json.contains("job-2"), "{json}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported_and_fails_the_run() {
    let full =
        std::fs::File::options().write(true).open("/dev/full").expect("a full disk");
    for words in [&["--fast", "hello"][..], &["--list"], &["--help"]] {
        let mut chapter = chapter(words);
        chapter.stdout(full.try_clone().expect("a second handle"));
        let ran = Running::start(chapter).finish().exits_with(1);
        ran.complains(&["cannot write to standard output: No space left on device"]);
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_releases_the_lock_and_draws_the_timeline_so_far() {
    let words = ["endless", "hello", "--timeline", "always"];
    let mut chapter = Running::start(chapter(words));
    chapter.stdout.wait_for("tick");
    chapter.interrupt();
    let ran = chapter.finish().exits_with(130);
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
fn ctrl_c_releases_the_lock_on_a_runtime_of_four_threads() {
    let mut chapter = Running::start(chapter(["endless", "--threads", "4"]));
    chapter.stdout.wait_for("tick");
    chapter.interrupt();
    let ran = chapter.finish().exits_with(130);
    assert!(ran.stdout.contains("lock released"), "{ran:#?}");
}

#[cfg(unix)]
#[test]
fn a_second_ctrl_c_ends_even_a_section_that_blocks_its_thread() {
    let mut chapter = Running::start(chapter(["blocking"]));
    chapter.stdout.wait_for("asleep");
    chapter.interrupt();
    chapter.stderr.wait_for("stopping: press Ctrl-C again to end immediately");
    chapter.interrupt();
    chapter.finish().exits_with(130);
}
