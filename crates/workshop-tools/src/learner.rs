//! A learner's progress is read from the copies of the packs in the learner's folder.

use std::{
    collections::BTreeSet,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde::Serialize;
use walkdir::{DirEntry, WalkDir};

use crate::{
    pack::{INFO, Pack, read},
    state_file::{STATE_FILE, State},
};

/// How deep below the learner's folder a copy of a pack may lie. Arbitrary: in a home folder the
/// unpacked archive has it at `Downloads/async-rust/crates/workshop`.
const DEPTH: usize = 5;

/// What a learner has done in all packs.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Learner {
    pub(crate) name: String,
    /// In the order of the packs; those without a readable copy are left out.
    pub(crate) packs: Vec<Progress>,
    /// Why something could not be read, one line each.
    pub(crate) problems: Vec<String>,
}

/// What a learner has done in one pack.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Progress {
    pub(crate) pack: String,
    /// The exercise that is open now; none before `rustlings` was first started.
    pub(crate) current: Option<String>,
    /// The solved ones, in the order of the pack.
    pub(crate) solved: Vec<String>,
}

impl Learner {
    /// Searches the folder, to a depth of five folders, for copies of the packs.
    pub(crate) fn of(name: String, folder: &Path, packs: &[Pack]) -> Self {
        let mut learner = Self { name, packs: Vec::new(), problems: Vec::new() };
        let copies = learner.copies(folder);
        for pack in packs {
            let of_pack = copies.iter().filter(|(name, _)| *name == pack.name());
            let folders: Vec<_> = of_pack.map(|(_, folder)| folder).collect();
            match folders[..] {
                [] => {}
                [one] => learner.read(pack, one),
                [one, other, ..] => learner.problems.push(format!(
                    "{} and {} are copies of the same pack: name the one to read",
                    one.display(),
                    other.display()
                )),
            }
        }
        if learner.packs.is_empty() && learner.problems.is_empty() {
            let folder = folder.display();
            learner.problems.push(format!(
                "{folder}: neither it nor a folder up to {DEPTH} levels below it is a copy of a pack"
            ));
        }
        learner
    }

    /// The copies of packs in a folder, each with the name of its package.
    fn copies(&mut self, folder: &Path) -> Vec<(String, PathBuf)> {
        let mut copies = Vec::new();
        let walk = WalkDir::new(folder).max_depth(DEPTH).sort_by_file_name();
        let mut walk = walk.into_iter().filter_entry(is_searched);
        while let Some(entry) = walk.next() {
            match entry {
                Ok(entry) if entry.path().join(INFO).is_file() => {
                    match package(entry.path()) {
                        Ok(name) => copies.push((name, entry.into_path())),
                        Err(why) => self.problems.push(format!("{why:#}")),
                    }
                    walk.skip_current_dir();
                }
                Ok(_) => {}
                Err(why) => self.problems.push(why.to_string()),
            }
        }
        copies
    }

    fn read(&mut self, pack: &Pack, folder: &Path) {
        let path = folder.join(STATE_FILE);
        let mut problem = |why| self.problems.push(format!("{}: {why}", path.display()));
        let file = match fs::read(&path) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return problem(error.to_string()),
        };
        let state = match file.as_deref().map(State::of).transpose() {
            Ok(state) => state,
            Err(why) => return problem(format!("{why:#}")),
        };
        let names = || pack.exercises.iter().map(|exercise| exercise.name.as_str());
        let listed = state.iter().flat_map(|it| it.current.iter().chain(&it.solved));
        let unknown: BTreeSet<_> =
            listed.copied().filter(|name| names().all(|known| known != *name)).collect();
        if !unknown.is_empty() {
            problem(format!(
                "the learner has another version of the pack, with {}",
                Vec::from_iter(unknown).join(", ")
            ));
        }
        let current = state.as_ref().and_then(|it| it.current.or_else(|| names().next()));
        let is_solved = |name: &&str| state.iter().any(|it| it.solved.contains(name));
        self.packs.push(Progress {
            pack: pack.name(),
            current: current.map(str::to_owned),
            solved: names().filter(is_solved).map(str::to_owned).collect(),
        });
    }
}

/// Leaves out the folders of tools: they have many files, and Cargo's have none of the learner's.
fn is_searched(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let of_a_tool = name.starts_with('.') || name == "target" || name == "vendor";
    // The folder that the teacher names is searched under every name.
    entry.depth() == 0 || (entry.file_type().is_dir() && !of_a_tool)
}

/// The name of the package in a folder, which no learner has a reason to change.
fn package(folder: &Path) -> Result<String> {
    let path = folder.join("Cargo.toml");
    let text = read(&path)?;
    let manifest = toml::from_str::<toml::Table>(&text);
    let manifest = manifest.with_context(|| path.display().to_string())?;
    let name = manifest.get("package").and_then(|it| it.get("name"));
    let name = name.and_then(toml::Value::as_str).map(str::to_owned);
    name.with_context(|| format!("{}: it names no package", path.display()))
}

#[cfg(test)]
mod tests {
    use tempfile::{TempDir, tempdir};

    use super::*;
    use crate::pack::example;

    const STATE: &str = "DON'T EDIT THIS FILE!\n\nqueues2\n\nqueues1\n";

    fn packs() -> [Pack; 2] {
        let pack = |name: &str, exercises: [&str; 2]| Pack {
            folder: name.into(),
            exercises: exercises.map(|it| example(&format!("name = {it:?}"))).into(),
        };
        [
            pack("workshop", ["queues1", "queues2"]),
            pack("workshop-apps", ["http1", "http2"]),
        ]
    }

    /// A folder with copies of these packs, each with the state file if it is given.
    fn class(copies: &[(&str, &str, Option<&[u8]>)]) -> TempDir {
        let class = tempdir().unwrap();
        for (folder, package, state) in copies {
            let folder = class.path().join(folder);
            fs::create_dir_all(&folder).unwrap();
            let manifest = format!("[package]\nname = {package:?}\n");
            fs::write(folder.join("Cargo.toml"), manifest).unwrap();
            fs::write(folder.join(INFO), "format_version = 1\n").unwrap();
            if let Some(state) = state {
                fs::write(folder.join(STATE_FILE), state).unwrap();
            }
        }
        class
    }

    fn learner(class: &TempDir) -> Learner {
        Learner::of("ada".to_owned(), class.path(), &packs())
    }

    fn progress(pack: &str, current: Option<&str>, solved: &[&str]) -> Progress {
        Progress {
            pack: pack.to_owned(),
            current: current.map(str::to_owned),
            solved: solved.iter().map(|it| (*it).to_owned()).collect(),
        }
    }

    #[test]
    fn both_packs_are_found_where_the_archive_is_unpacked() {
        let class = class(&[
            ("Downloads/async-rust/crates/workshop", "workshop", Some(STATE.as_bytes())),
            ("Downloads/async-rust/crates/workshop-apps", "workshop-apps", None),
        ]);
        let learner = learner(&class);
        assert_eq!(learner.problems, [""; 0]);
        let expected = [
            progress("workshop", Some("queues2"), &["queues1"]),
            progress("workshop-apps", None, &[]),
        ];
        assert_eq!(learner.packs, expected);
    }

    #[test]
    fn a_folder_may_be_the_copy_itself_under_another_name() {
        let class = class(&[("", "workshop", Some(STATE.as_bytes()))]);
        let learner = learner(&class);
        assert_eq!(learner.packs, [progress("workshop", Some("queues2"), &["queues1"])]);
    }

    #[test]
    fn an_empty_state_file_means_the_first_exercise() {
        let class = class(&[("workshop-apps", "workshop-apps", Some(b""))]);
        let learner = learner(&class);
        assert_eq!(learner.packs, [progress("workshop-apps", Some("http1"), &[])]);
        assert_eq!(learner.problems, [""; 0]);
    }

    #[test]
    fn a_folder_without_a_pack_is_a_problem() {
        let deep = "1/2/3/4/5/workshop";
        for copies in [
            &[][..],
            &[("other", "another-course", None)],
            &[("target/workshop", "workshop", None)],
            &[(deep, "workshop", None)],
        ] {
            let class = class(copies);
            let learner = learner(&class);
            assert_eq!(learner.packs, []);
            let [why] = &learner.problems[..] else { panic!("{:?}", learner.problems) };
            assert!(why.ends_with("5 levels below it is a copy of a pack"), "{why}");
        }
        let missing =
            Learner::of("bob".to_owned(), Path::new("no such folder"), &packs());
        let [why] = &missing.problems[..] else { panic!("{:?}", missing.problems) };
        assert!(why.contains("no such folder"), "{why}");
    }

    #[test]
    fn two_copies_of_a_pack_are_a_problem() {
        let class = class(&[("a", "workshop", None), ("b", "workshop", None)]);
        let learner = learner(&class);
        assert_eq!(learner.packs, []);
        let [why] = &learner.problems[..] else { panic!("{:?}", learner.problems) };
        assert!(
            why.ends_with("are copies of the same pack: name the one to read"),
            "{why}"
        );
    }

    #[test]
    fn a_state_file_that_cannot_be_read_is_a_problem_that_names_it() {
        let class = class(&[
            ("workshop", "workshop", Some(&[0xff])),
            ("apps", "workshop-apps", Some(b"")),
        ]);
        let learner = learner(&class);
        assert_eq!(learner.packs, [progress("workshop-apps", Some("http1"), &[])]);
        let path = class.path().join("workshop").join(STATE_FILE);
        let expected = format!("{}: it is damaged: it is not UTF-8", path.display());
        assert_eq!(learner.problems.len(), 1);
        assert!(learner.problems[0].starts_with(&expected), "{:?}", learner.problems);
    }

    #[test]
    fn an_exercise_of_another_version_is_a_problem_and_the_others_count() {
        let state = "DON'T EDIT THIS FILE!\n\nqueues9\n\nqueues8\nqueues9\nqueues1";
        let class = class(&[("workshop", "workshop", Some(state.as_bytes()))]);
        let learner = learner(&class);
        assert_eq!(learner.packs, [progress("workshop", Some("queues9"), &["queues1"])]);
        let [why] = &learner.problems[..] else { panic!("{:?}", learner.problems) };
        assert!(
            why.ends_with(
                "the learner has another version of the pack, with queues8, queues9"
            ),
            "{why}"
        );
    }
}
