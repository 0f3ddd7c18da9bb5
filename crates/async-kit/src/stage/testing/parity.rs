//! A section and its asyncio twin say the same lines at the same times.
//!
//! Beside the pure section `src/permits.rs` stands `asyncio/permits.py`: the same
//! program, and nothing else. [`check`] runs both in virtual time and compares every line
//! with its time; a chapter's `tests/parity.rs` calls it.
//!
//! # The two sides
//!
//! A twin is a bare program: `print`, `asyncio.run(main())`, the standard library. It
//! runs alone with `python3 asyncio/permits.py`, and knows nothing of the test.
//!
//! ```python
//! """Three permits, six jobs: never more than three at once."""
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
//! - **Lanes.** A line said in a lane begins with the lane's name: `print("job-0
//!   starts")` where Rust has `say!("starts")` in the lane `job-0`. Outside any lane both
//!   print the bare text.
//! - **Knobs.** `knob("retry-after", 150.ms(), …)` is `KNOB_RETRY_AFTER` in the
//!   environment, a duration in seconds (`0.15`). The defaults are always compared. A
//!   comment line `# also compared with: permits=1 jobs=4` (values as `--set` takes them)
//!   adds a setting, and each knob must be turned away from its default by one of them,
//!   or a twin could ignore it.
//! - **Names.** A section cannot have the name of a module of Python (`queue`, `select`,
//!   `signal`): run alone, its twin would hide that module from asyncio itself.
//!
//! # The same order in both languages
//!
//! Both runtimes keep promises about order within one instant, and two programs that rely
//! only on the common ones print the same lines in the same order. In Rust:
//!
//! - Spawn every concurrent part, in the order of the twin's `create_task`, and await the
//!   handles in that order. A spawned task waits in one queue, first come, first served,
//!   as asyncio's do.
//! - Where two parts may act in the same instant, no `join!`, `join_all` or `yield_now`:
//!   the first two poll in the order of their list, and the last lets every ready task go
//!   first, even one that is spawned meanwhile, where `asyncio.sleep(0)` waits for one
//!   turn.
//! - Let waiters be woken in order: `Notify`, `Semaphore`, `Mutex`, `mpsc`; for several
//!   consumers an `Arc<Mutex<Receiver>>`. A `watch` wakes in random order.
//! - Write `biased;` in a `select!`, the cancellation first.
//! - Let no limit tie with the work that it limits, unless the tie is the lesson.
//! - Return only when every task has ended.
//!
//! In Python:
//!
//! - Keep references to tasks, and let no line depend on the order of a set: `asyncio.wait`
//!   returns sets, a `TaskGroup` cancels its children in the order of one, and
//!   `as_completed` starts bare coroutines so. (The clock gives tasks a fixed place in a
//!   set, so that at least every run is the same.)
//! - Use no threads: their time is real.
//!
//! The clock does the rest: it rounds deadlines up to whole milliseconds, as Tokio's
//! timer does, and fires equal ones in the order in which they were set, which asyncio's
//! own loop does not. A program that can never go on ends with `DEADLOCK` and the lines
//! at which its tasks wait.
//!
//! # Differences on purpose
//!
//! Where the languages differ, the difference is part of the lesson and is asserted: it
//! stands beside the twin, in `asyncio/permits.differs`, with its reason.
//!
//! ```text
//! # why at a tie Python's timeout wins and Tokio's work wins
//! - [  0.200s] job-0 is late
//! + [  0.200s] job-0 is done
//!
//! [permits=1]
//! - [  0.200s] job-0 is late
//! + [  0.200s] job-0 is done
//! ```
//!
//! `- ` is only in Python, `+ ` only in Rust; lines for another setting than the defaults
//! stand below its name. A failing check prints these lines ready to paste, and a
//! difference that is gone fails too. Three are real: a sentinel takes a slot of a
//! bounded queue and closing a channel takes none; the tie above; `gather` goes on after
//! an error where `try_join!` drops the others.

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
mod twin;

use std::{collections::BTreeSet, fs, path::Path};

use self::{chapter::Chapter, listing::Section, python::Python};

/// Runs every pure section of a chapter and its asyncio twin in virtual time, and
/// compares every line with its time.
///
/// `chapter` is the name of the package's binary. Belongs in an integration test of that
/// package, because Cargo builds the binary for it, and runs it where the folder
/// `asyncio` is. How to write the two sides is told [above](self).
///
/// Without `python3` (3.11 or later) nothing is compared, which is said on stderr.
///
/// # Panics
///
/// When any section disagrees with its twin, has none, or a twin has no section; the
/// message tells for each what differs first, what that usually comes from, and what to
/// write when the difference is on purpose.
#[track_caller]
pub fn check(chapter: &str) {
    let Some(python) = Python::find() else { return };
    let binary = Chapter::beside_this_test(chapter);
    match complaints(&binary, &python, Path::new("asyncio")) {
        Ok(compared) => println!("{chapter}: {compared} runs of both sides agree"),
        Err(reports) => {
            panic!("{chapter}: the twins do not agree\n\n{}", reports.join("\n"))
        }
    }
}

/// How many runs were compared, or what is wrong.
fn complaints(
    chapter: &Chapter,
    python: &Python,
    folder: &Path,
) -> Result<usize, Vec<String>> {
    let sections = chapter.sections().map_err(|why| vec![why])?;
    let pure: Vec<_> = sections.iter().filter(|section| section.pure).collect();
    let mut reports = strangers(folder, &pure);
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
        reports.push("it has no pure section, so there is nothing to compare".into());
    }
    if reports.is_empty() { Ok(compared) } else { Err(reports) }
}

/// What is wrong with the question of a section: its setting must be one that the section accepts.
fn wrong_question(chapter: &Chapter, section: &Section) -> Option<String> {
    let why = chapter.accepts(&section.name, section.question.as_deref()?).err()?;
    Some(format!("-- section {}\nits question cannot be tried: {why}\n", section.name))
}

/// Files that belong to no pure section: a renamed section must not leave its twin
/// behind.
fn strangers(folder: &Path, pure: &[&Section]) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let files: BTreeSet<_> = entries.flatten().map(|entry| entry.path()).collect();
    let belongs = |path: &Path| match path.extension().and_then(|text| text.to_str()) {
        Some("py" | "differs") => {
            pure.iter().any(|s| path.file_stem() == Some(s.name.as_ref()))
        }
        _ => true,
    };
    let strange = files.iter().filter(|path| !belongs(path));
    strange
        .map(|path| format!("{} belongs to no pure section\n", path.display()))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::{env, path::PathBuf, process};

    use super::*;

    /// A chapter in a shell: the section `wait` says so after `pause`, a knob of 100 ms that
    /// can be 250 ms.
    const FAKE: &str = r#"
case "$*" in
    *--list*)
        printf 'section\twait\tpure\tit waits\n'
        printf 'knob\tpause\t100ms\t0ms..=1s\n'
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

    /// A folder of twins, deleted with it.
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

        /// What `check` would say; `None` without Python.
        fn verdict(&self) -> Option<Result<usize, String>> {
            let python = Python::shared()?;
            let command = ["sh", "-c", FAKE, "fake"].map(Into::into).into();
            let fake = Chapter { name: "fake".into(), command };
            Some(complaints(&fake, python, &self.0).map_err(|reports| reports.concat()))
        }

        fn fails_with(&self, parts: &[&str]) {
            let Some(verdict) = self.verdict() else { return };
            let report = verdict.expect_err("the twins do not agree");
            for part in parts {
                assert!(report.contains(part), "no {part:?} in:\n{report}");
            }
        }
    }

    impl Drop for Twins {
        fn drop(&mut self) {
            // Nothing depends on it being gone.
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn equal_sides_agree_with_every_setting() {
        let twins = Twins::new("equal", &[("wait.py", TWIN)]);
        assert!(matches!(twins.verdict(), None | Some(Ok(2))), "{:?}", twins.verdict());
    }

    #[test]
    fn a_difference_is_shown_explained_and_ready_to_assert() {
        let twin = TWIN.replace("sleep(PAUSE)", "sleep(PAUSE + 0.1)");
        let twins = Twins::new("different", &[("wait.py", &twin)]);
        twins.fails_with(&[
            "-- section wait\nwith the defaults: the two sides differ",
            "      [  0.000s] job starts\n    - [  0.200s] job done\n    + [  0.100s] job done\n",
            "* The lines are the same, only their times are not",
            "    cargo run -p fake -- --fast --plain wait\n    python3 ",
            "with pause=250ms: not as asserted either",
            "wait.differs asserts it",
            "# why …\n- [  0.200s] job done\n+ [  0.100s] job done\n\n\
             [pause=250ms]\n- [  0.350s] job done\n+ [  0.250s] job done\n",
        ]);
    }

    #[test]
    fn an_asserted_difference_agrees_until_it_is_gone() {
        let twin = TWIN.replace("job done", "job ends");
        let differs = "# why the words differ\n- [  0.100s] job ends\n+ [  0.100s] job done\n\
                       [pause=250ms]\n- [  0.250s] job ends\n+ [  0.250s] job done\n";
        let twins =
            Twins::new("asserted", &[("wait.py", &twin), ("wait.differs", differs)]);
        assert!(matches!(twins.verdict(), None | Some(Ok(2))), "{:?}", twins.verdict());
        fs::write(twins.0.join("wait.py"), TWIN).expect("a twin without the difference");
        twins.fails_with(&["the difference is gone: delete"]);
        fs::write(twins.0.join("wait.py"), TWIN.replace("done", "stops"))
            .expect("a third twin");
        twins.fails_with(&[
            "they differ, but not as asserted",
            "    no longer  - [  0.100s] job ends\n    new        - [  0.100s] job stops\n",
        ]);
    }

    #[test]
    fn lines_of_no_compared_setting_are_refused() {
        let differs = "# why it differs\n[pause=7ms]\n- [  0.007s] job ends\n";
        let twins = Twins::new("stale", &[("wait.py", TWIN), ("wait.differs", differs)]);
        twins.fails_with(&["nothing is compared with [pause=7ms]"]);
    }

    #[test]
    fn a_section_without_a_twin_and_a_twin_without_a_section_are_named() {
        let twins = Twins::new("missing", &[("disk.py", TWIN), ("gone.differs", "")]);
        twins.fails_with(&[
            "disk.py belongs to no pure section",
            "gone.differs belongs to no pure section",
            "-- section wait\nit has no twin",
        ]);
    }

    #[test]
    fn a_twin_that_fails_or_writes_without_print_is_shown() {
        let twin = TWIN.replace("await asyncio.sleep(PAUSE)", "raise ValueError('oh')");
        let twins = Twins::new("failing", &[("wait.py", &twin)]);
        twins.fails_with(&["[  0.000s] job starts\n", "ValueError: oh"]);
        let twin = TWIN.replace("print(\"job done\")", "os.write(1, b'job done')");
        fs::write(twins.0.join("wait.py"), twin).expect("another twin");
        twins.fails_with(&["\"job done\" is not from `print`"]);
    }
}
