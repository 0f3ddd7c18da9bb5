//! A section and its asyncio twin print the same lines at the same times.
//!
//! This page is for authors of twins. A pure section, such as `src/permits.rs`, has a twin: the
//! same program in asyncio, in `asyncio/permits.py`. [`check`] runs both in virtual time and
//! compares every line and its time. A chapter's `tests/parity.rs` calls `check`.
//!
//! # How to write the two sides
//!
//! A twin is an ordinary program: `print`, `asyncio.run(main())` and the standard library. It
//! contains nothing for the test, and also runs alone with `python3 asyncio/permits.py`.
//!
//! ```python
//! """Three permits, six jobs: at most three run at the same time."""
//! # also compared with: permits=1 jobs=4
//!
//! import asyncio
//! import os
//!
//! PERMITS = int(os.environ.get("KNOB_PERMITS", 3))
//! JOBS = int(os.environ.get("KNOB_JOBS", 6))
//!
//!
//! async def job(n, permits):
//!     async with permits:
//!         print(f"job-{n} starts")
//!         await asyncio.sleep(0.2)
//!
//!
//! async def main():
//!     permits = asyncio.Semaphore(PERMITS)
//!     tasks = [asyncio.create_task(job(n, permits)) for n in range(JOBS)]
//!     for task in tasks:
//!         await task
//!
//!
//! asyncio.run(main())
//! ```
//!
//! ```
//! # use async_kit::{Transcript, virtual_time};
//! use std::sync::Arc;
//!
//! use async_kit::{Lane, Millis, knob, say};
//! use tokio::{sync::Semaphore, time::sleep};
//!
//! async fn run() -> anyhow::Result<()> {
//!     let permits = Arc::new(Semaphore::new(knob("permits", 3, 1..=10)));
//!     let jobs = knob("jobs", 6, 1..=20_usize);
//!     let start = |n| tokio::spawn(job(Arc::clone(&permits)).lane(format!("job-{n}")));
//!     let jobs: Vec<_> = (0..jobs).map(start).collect();
//!     for job in jobs {
//!         job.await??;
//!     }
//!     Ok(())
//! }
//!
//! async fn job(permits: Arc<Semaphore>) -> anyhow::Result<()> {
//!     let _permit = permits.acquire().await?;
//!     say!("starts");
//!     sleep(200.ms()).await;
//!     Ok(())
//! }
//! # virtual_time(async {
//! #     let seen = Transcript::of(async { run().await.unwrap() }).await;
//! #     assert!(seen.to_string().ends_with("[  0.200s] job-5 starts\n"), "{seen}");
//! # });
//! ```
//!
//! ## Lanes
//!
//! A line of a lane begins with the name of the lane. If Rust has `say!("starts")` in the lane
//! `job-0`, Python has `print("job-0 starts")`. Outside any lane, both print only the text.
//!
//! ## Knobs
//!
//! The knob `knob("retry-after", 150.ms(), …)` is the environment variable `KNOB_RETRY_AFTER` of
//! the twin. A duration is given in seconds (`0.15`).
//!
//! The defaults are always compared. A comment `# also compared with: permits=1 jobs=4` in the twin
//! adds a setting; its values have the form that `--set` takes. At least one setting must change
//! each knob from its default. Otherwise a twin could ignore the knob without failing the test.
//!
//! ## Names
//!
//! A section must not have the name of a Python module (`queue`, `select`, `signal`). When its twin
//! runs alone, asyncio would import the twin instead of that module.
//!
//! # How to get the same order in both languages
//!
//! Several lines can have the same time. Both runtimes guarantee some order within one instant. If
//! a program relies only on the guarantees that both have, the two sides print the same order.
//!
//! ## In Rust
//!
//! - Spawn every concurrent part, in the order of the twin's `create_task`, and await the handles
//!   in that order. The runtime polls spawned tasks in FIFO order, as asyncio does.
//! - If two parts can act in the same instant, use no `join!`, `join_all` or `yield_now`. `join!`
//!   and `join_all` poll in the order of their list. `yield_now` lets every ready task run first,
//!   even a task that is spawned in the meantime, but `asyncio.sleep(0)` waits for one iteration
//!   of the event loop.
//! - Use primitives that wake their waiters in FIFO order: `Notify`, `Semaphore`, `Mutex`, `mpsc`;
//!   for several consumers an `Arc<Mutex<Receiver>>`. A `watch` wakes in random order.
//! - Write `biased;` in a `select!`, with the cancellation as its first branch.
//! - Choose a timeout that does not expire in the same millisecond in which the work ends, unless
//!   the section is about this case.
//! - Return from the section only when every task has ended.
//!
//! ## In Python
//!
//! - Keep references to tasks.
//! - Print no lines in the order of a set. `asyncio.wait` returns sets, a `TaskGroup` cancels its
//!   children in the order of a set, and `as_completed` starts bare coroutines in that order. (The
//!   test gives each task a fixed hash, so that at least every run has the same order.)
//! - Use no threads, because threads run in real time.
//! - Print nothing that depends on the version of Python, such as the text of an exception of the
//!   standard library. Every version from 3.11 on must print the same lines.
//!
//! ## What the virtual clock does
//!
//! The clock rounds deadlines up to whole milliseconds, as Tokio's timer does. Equal deadlines fire
//! in the order in which they were set; asyncio's own loop does not guarantee this. If no task of a
//! program can continue, the program ends with `DEADLOCK` and the lines at which its tasks wait.
//!
//! # How to assert a difference on purpose
//!
//! If the languages differ on purpose, the difference is part of the lesson, and the test asserts
//! it. Write it beside the twin, in `asyncio/permits.differs`, with its reason:
//!
//! ```text
//! # why if both end in the same millisecond, the timeout wins in Python and the work in Tokio
//! - [  0.200s] job-0 is late
//! + [  0.200s] job-0 is done
//!
//! [permits=1]
//! - [  0.200s] job-0 is late
//! + [  0.200s] job-0 is done
//! ```
//!
//! A line with `- ` is printed only by Python, a line with `+ ` only by Rust. The lines for a
//! setting other than the defaults are below the setting, in brackets. A failing check prints the
//! content of this file, ready to paste. The check also fails if an asserted difference no longer
//! occurs.
//!
//! Three differences are properties of the languages:
//!
//! - A sentinel takes a slot of a bounded queue; closing a channel takes none.
//! - If a timeout expires in the same millisecond in which the work ends, the timeout wins in Python
//!   and the work wins in Tokio.
//! - After an error, `gather` lets the other awaitables continue, and `try_join!` drops the other
//!   futures.

mod chapter;
mod compare;
mod diff;
mod differs;
mod hints;
mod line;
mod listing;
mod program;
mod python;
mod report;
mod setting;
mod tasks;
mod twin;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

pub use self::listing::{Knob, Question, Section, sections};
use self::{chapter::Chapter, python::Python, setting::Setting, twin::Twin};
use crate::stage::record::Recording;

/// Runs every pure section of a chapter and its asyncio twin in virtual time, and compares every
/// line and its time.
///
/// `chapter` is the name of the package's binary. Call this in an integration test of that package:
/// Cargo builds the binary for it, and runs the test in the folder that contains `asyncio`. The
/// [module page](self) explains how to write the two sides.
///
/// Without `python3` (3.11 or later) nothing is compared, and a warning is printed to standard
/// error.
///
/// # Panics
///
/// If a section and its twin differ, if a section has no twin, or if a twin has no section. For each
/// section the message shows the first difference, its usual causes, and the lines to write if the
/// difference is on purpose.
#[track_caller]
pub fn check(chapter: &str) {
    let Some(python) = Python::find() else { return };
    let binary = Chapter::beside_this_test(chapter);
    match compare_all(&binary, &python, Path::new("asyncio")) {
        Ok(compared) => println!("{chapter}: both sides agree in {compared} runs"),
        Err(reports) => {
            panic!(
                "{chapter}: the sections and their twins do not agree\n\n{}",
                reports.join("\n")
            )
        }
    }
}

/// What asyncio programs print in virtual time: for each program its lines, in the plain form
/// `[  0.500s] text`. `None`, with a note on standard error, if there is no usable `python3`.
///
/// # Errors
///
/// If a program cannot be read, or fails.
pub fn transcripts(programs: &[PathBuf]) -> Option<Result<Vec<String>, String>> {
    let python = Python::find()?;
    let transcripts = programs.iter().map(|path| {
        let settings = vec![Setting::default()];
        let twin = Twin { path: path.clone(), settings };
        let lines = python.run(&twin, &Setting::default())?;
        Ok(lines.iter().map(|line| format!("{line}\n")).collect())
    });
    Some(transcripts.collect())
}

/// Recordings of asyncio programs in virtual time: a lane for each task, in the order in which the
/// tasks were made. A task that fails ends as failed, and a cancelled task as dropped, or as never
/// polled if it had not begun. `None`, with a note on standard error, if there is no usable `python3`.
///
/// Each task has the line where the program made it, and the line where it waits after each of its steps:
/// the innermost that lies in the program. The paths of the programs are relative to `root`, and so are
/// the files of the places. A recording is the same with every version of Python.
///
/// # Errors
///
/// If a program cannot be read, or fails.
pub fn recordings(
    root: &Path,
    programs: &[&str],
) -> Option<Result<Vec<Recording>, String>> {
    let python = Python::find()?;
    let record = |program: &&str| python.record(&root.join(program), program);
    Some(programs.iter().map(record).collect())
}

/// Returns the number of compared runs, or a report of each problem.
fn compare_all(
    chapter: &Chapter,
    python: &Python,
    folder: &Path,
) -> Result<usize, Vec<String>> {
    let sections = chapter.sections().map_err(|why| vec![why])?;
    let pure: Vec<_> = sections.iter().filter(|section| section.pure).collect();
    let mut reports = unmatched_files(folder, &pure);
    reports
        .extend(sections.iter().filter_map(|section| wrong_question(chapter, section)));
    let mut compared = 0;
    for section in &pure {
        match compare::compare(chapter, python, folder, section) {
            Ok(runs) => compared += runs,
            Err(report) => {
                reports.push(format!("-- section {}\n{report}\n", section.name))
            }
        }
    }
    if pure.is_empty() {
        reports
            .push("the chapter has no pure section, so nothing can be compared".into());
    }
    if reports.is_empty() { Ok(compared) } else { Err(reports) }
}

/// What is wrong with the question of a section: a section with knobs asks one, and accepts the
/// setting in it.
fn wrong_question(chapter: &Chapter, section: &Section) -> Option<String> {
    let problem = match &section.question {
        None if section.knobs.is_empty() => return None,
        None => "it has knobs and no question: call `ask` below them".to_owned(),
        Some(question) => {
            let why = chapter.accepts(&section.name, &question.setting).err()?;
            format!("the section does not accept the setting in its question: {why}")
        }
    };
    Some(format!("-- section {}\n{problem}\n", section.name))
}

/// A report for each file that belongs to no pure section, such as the twin of a renamed section.
fn unmatched_files(folder: &Path, pure: &[&Section]) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let files: BTreeSet<_> = entries.flatten().map(|entry| entry.path()).collect();
    let belongs = |path: &Path| match path.extension().and_then(|text| text.to_str()) {
        Some("py" | "differs") => {
            pure.iter().any(|s| path.file_stem() == Some(s.name.as_ref()))
        }
        _ => true,
    };
    let unmatched = files.iter().filter(|path| !belongs(path));
    unmatched
        .map(|path| format!("{} belongs to no pure section\n", path.display()))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::{env, path::PathBuf, process, time::Duration};

    use super::*;

    /// A chapter as a shell script. Its section `wait` prints a line after `pause`, a knob whose
    /// value is 100 ms or 250 ms.
    const FAKE: &str = r#"
case "$*" in
    *--list*)
        printf 'section\twait\tpure\tit waits\n'
        printf 'knob\tpause\t100ms\t0ms..=1s\n'
        printf 'question\tpause=250ms\twhen is the job done?\n'
        printf 'section\tdisk\treal-time\tit reads\n'
        exit ;;
    *pause=250ms*) end=0.250 ;;
    *) end=0.100 ;;
esac
printf 'wait: it waits\n[  0.000s] job starts\n[  %ss] job done\n' "$end"
"#;

    const TWIN: &str = r#"
# also compared with: pause=250ms
import asyncio, os

PAUSE = float(os.environ.get("KNOB_PAUSE", 0.1))

async def main():
    print("job starts")
    await asyncio.sleep(PAUSE)
    print("job done")

asyncio.run(main())
"#;

    /// A folder of twins; it is deleted when this value is dropped.
    struct Twins(PathBuf);

    impl Twins {
        fn new(test: &str, files: &[(&str, &str)]) -> Self {
            let folder = env::temp_dir().join(format!("twins-{}-{test}", process::id()));
            fs::create_dir_all(&folder).expect("a temporary folder");
            for (name, text) in files {
                fs::write(folder.join(name), text).expect("a file in it");
            }
            Self(folder)
        }

        /// The result of the check; `None` without Python.
        fn result(&self) -> Option<Result<usize, String>> {
            let python = Python::shared()?;
            let command = ["sh", "-c", FAKE, "fake"].map(Into::into).into();
            let fake = Chapter { name: "fake".into(), command };
            Some(compare_all(&fake, python, &self.0).map_err(|reports| reports.concat()))
        }

        fn fails_with(&self, parts: &[&str]) {
            let Some(result) = self.result() else { return };
            let report = result.expect_err("the twins do not agree");
            for part in parts {
                assert!(report.contains(part), "no {part:?} in:\n{report}");
            }
        }
    }

    impl Drop for Twins {
        fn drop(&mut self) {
            // If it cannot be deleted, a temporary folder stays, and nothing depends on it.
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn two_equal_sides_agree_with_every_setting() {
        let twins = Twins::new("equal", &[("wait.py", TWIN)]);
        assert!(matches!(twins.result(), None | Some(Ok(2))), "{:?}", twins.result());
    }

    #[test]
    fn a_report_shows_the_difference_its_causes_and_the_lines_that_assert_it() {
        let twin = TWIN.replace("sleep(PAUSE)", "sleep(PAUSE + 0.1)");
        let twins = Twins::new("different", &[("wait.py", &twin)]);
        twins.fails_with(&[
            "-- section wait\nwith the defaults: the two sides differ",
            "      [  0.000s] job starts\n    - [  0.200s] job done\n    + [  0.100s] job done\n",
            "* The lines are the same, but their times differ",
            "    cargo run -p fake -- --fast --plain wait\n    python3 ",
            "with pause=250ms: the difference is not as asserted either",
            "wait.differs\nand replace the dots with the reason",
            "# why …\n- [  0.200s] job done\n+ [  0.100s] job done\n\n\
             [pause=250ms]\n- [  0.350s] job done\n+ [  0.250s] job done\n",
        ]);
    }

    #[test]
    fn an_asserted_difference_fails_once_it_no_longer_occurs() {
        let twin = TWIN.replace("job done", "job ends");
        let differs = "# why the words differ\n- [  0.100s] job ends\n+ [  0.100s] job done\n\
                       [pause=250ms]\n- [  0.250s] job ends\n+ [  0.250s] job done\n";
        let twins =
            Twins::new("asserted", &[("wait.py", &twin), ("wait.differs", differs)]);
        assert!(matches!(twins.result(), None | Some(Ok(2))), "{:?}", twins.result());
        fs::write(twins.0.join("wait.py"), TWIN).expect("a twin without the difference");
        twins.fails_with(&["the asserted difference no longer occurs: delete"]);
        fs::write(twins.0.join("wait.py"), TWIN.replace("done", "stops"))
            .expect("a third twin");
        twins.fails_with(&[
            "the two sides differ, but not as asserted",
            "    no longer  - [  0.100s] job ends\n    new        - [  0.100s] job stops\n",
        ]);
    }

    #[test]
    fn lines_for_a_setting_that_is_not_compared_are_refused() {
        let differs = "# why it differs\n[pause=7ms]\n- [  0.007s] job ends\n";
        let twins = Twins::new("stale", &[("wait.py", TWIN), ("wait.differs", differs)]);
        twins.fails_with(&["the twin is not compared with [pause=7ms]"]);
    }

    #[test]
    fn a_section_without_a_twin_and_a_twin_without_a_section_are_reported() {
        let twins = Twins::new("missing", &[("disk.py", TWIN), ("gone.differs", "")]);
        twins.fails_with(&[
            "disk.py belongs to no pure section",
            "gone.differs belongs to no pure section",
            "-- section wait\nit has no twin",
        ]);
    }

    #[test]
    fn a_twin_that_fails_or_writes_without_print_is_reported() {
        let twin = TWIN.replace("await asyncio.sleep(PAUSE)", "raise ValueError('oh')");
        let twins = Twins::new("failing", &[("wait.py", &twin)]);
        twins.fails_with(&["[  0.000s] job starts\n", "ValueError: oh"]);
        let twin = TWIN.replace("print(\"job done\")", "os.write(1, b'job done')");
        fs::write(twins.0.join("wait.py"), twin).expect("another twin");
        twins.fails_with(&["\"job done\" was not printed with `print`"]);
    }

    fn chapter_of(script: &str) -> Chapter {
        let command = ["sh", "-c", script, "fake"].map(Into::into).into();
        Chapter { name: "fake".into(), command }
    }

    const WITHOUT_QUESTION: &str = "section\twait\tpure\tit waits\nknob\tn\t1\t1..=2\n";

    #[test]
    fn a_section_with_knobs_and_no_question_is_reported() {
        let section = &listing::sections(WITHOUT_QUESTION).expect("a listing")[0];
        let problem = wrong_question(&chapter_of("exit 0"), section);
        assert!(problem.is_some_and(|text| text.contains("no question")));
    }

    #[test]
    fn a_question_with_a_setting_that_is_refused_is_reported() {
        let listing = format!("{WITHOUT_QUESTION}question\tn=9\tany?\n");
        let section = &listing::sections(&listing).expect("a listing")[0];
        let refusing = chapter_of("echo 'error: 9 is not in 1..=2' >&2; exit 2");
        let problem = wrong_question(&refusing, section).expect("a problem");
        assert!(problem.contains("9 is not in 1..=2"), "{problem}");
    }

    #[test]
    fn programs_without_a_chapter_have_transcripts_and_recordings() {
        let twins = Twins::new("alone", &[("wait.py", TWIN)]);
        let programs = [twins.0.join("wait.py")];
        if Python::shared().is_none() {
            return;
        }
        let lines = transcripts(&programs).expect("there is a Python");
        let wanted = "[  0.000s] job starts\n[  0.100s] job done\n".to_owned();
        assert_eq!(lines, Ok(vec![wanted]));
        let recordings = recordings(&twins.0, &["wait.py"])
            .expect("there is a Python")
            .expect("it runs");
        let ends: Vec<_> =
            recordings.iter().map(|run| (run.lanes.len(), run.end)).collect();
        assert_eq!(ends, [(1, Duration::from_millis(100))]);
    }
}
