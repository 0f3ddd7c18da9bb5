//! A pack is a folder of exercises; its `info.toml` lists them in order.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// The file in which a pack lists its exercises.
pub(crate) const INFO: &str = "info.toml";

/// A pack of exercises.
#[derive(Debug, Deserialize)]
pub(crate) struct Pack {
    /// The absolute path of the folder.
    #[serde(skip)]
    pub(crate) folder: PathBuf,
    pub(crate) exercises: Vec<Exercise>,
}

/// An exercise, as `info.toml` describes it. `rustlings` reads the first keys and ignores the rest.
#[derive(Debug, Deserialize)]
pub(crate) struct Exercise {
    pub(crate) name: String,
    pub(crate) dir: String,
    pub(crate) hint: String,
    /// The package of the chapter that teaches it.
    pub(crate) chapter: String,
    /// The section of that chapter which shows it.
    pub(crate) section: String,
    /// How long a learner needs.
    pub(crate) minutes: u32,
    /// From 1, easy for a reader of the section, to 3.
    pub(crate) level: u32,
    pub(crate) kind: Kind,
    /// What it is about, in one line.
    pub(crate) about: String,
    /// The terms of the book that a learner must know before.
    pub(crate) needs: Vec<String>,
    /// The terms of the book that a learner knows afterwards.
    pub(crate) teaches: Vec<String>,
    /// The fingerprint of its tests, which `workshop tables` writes.
    pub(crate) checks: Option<String>,
    /// The routes through the workshop on which it lies.
    #[serde(default)]
    pub(crate) routes: Vec<String>,
    /// The error code of the compiler, or part of a message without a code, if the exercise is about
    /// one: it does not compile as it is handed out.
    pub(crate) compile_error: Option<String>,
}

/// What a learner does.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// Write the missing piece.
    Write,
    /// Mend a program that is broken.
    Mend,
    /// Predict what a program prints, and when.
    Predict,
    /// Make the compiler accept a program.
    Compile,
    /// Write an asyncio program in Rust.
    Port,
    /// Build a whole program from several ideas.
    Capstone,
}

/// The directory of the capstones, which belong to no chapter.
pub(crate) const CAPSTONES: &str = "capstones";

impl Exercise {
    /// The number of its chapter, which `dir` begins with. `capstones` is after every number.
    pub(crate) fn number(&self) -> &str {
        self.dir.split('_').next().unwrap_or_default()
    }

    pub(crate) fn is_on(&self, route: &str) -> bool {
        self.routes.iter().any(|name| name == route)
    }
}

impl Pack {
    /// Reads the pack in this folder.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(INFO);
        let text = read(&path)?;
        let mut pack: Self =
            toml::from_str(&text).with_context(|| format!("{}", path.display()))?;
        // Absolute, because Cargo runs in another folder.
        pack.folder = folder.canonicalize()?;
        Ok(pack)
    }

    /// The name of its folder, and of its package.
    pub(crate) fn name(&self) -> String {
        self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The file of an exercise in one of the folders `exercises` and `solutions`.
    pub(crate) fn file(&self, folder: &str, exercise: &Exercise) -> PathBuf {
        self.folder.join(folder).join(&exercise.dir).join(format!("{}.rs", exercise.name))
    }

    /// The answers to an exercise in one of the folders `wrong` and `also`, in the order of their names.
    pub(crate) fn answers(
        &self,
        folder: &str,
        exercise: &Exercise,
    ) -> Result<Vec<PathBuf>> {
        let folder = self.folder.join(folder).join(&exercise.name);
        if !folder.exists() {
            return Ok(Vec::new());
        }
        let paths = entries(&folder)?;
        let is_other = |path: &&PathBuf| path.extension().is_none_or(|end| end != "rs");
        if let Some(other) = paths.iter().find(is_other) {
            bail!("{}: not a Rust file", other.display());
        }
        Ok(paths)
    }
}

/// All exercises in the order in which a learner solves them: chapter by chapter, although the chapters
/// 10 to 14 are in the second pack, and then the capstones. In a chapter it is the order of the list.
pub(crate) fn in_order(packs: &[Pack]) -> Vec<(&Pack, &Exercise)> {
    let mut order: Vec<_> = packs
        .iter()
        .flat_map(|pack| pack.exercises.iter().map(move |exercise| (pack, exercise)))
        .collect();
    // It is a stable sort, which keeps the order of the list.
    order.sort_by_key(|(_, exercise)| exercise.number());
    order
}

/// What lies in a folder, in the order of the names.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("{}", folder.display()))?;
    let mut paths: Vec<_> =
        entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.sort();
    Ok(paths)
}

/// Reads a file, and names it if it cannot be read.
pub(crate) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("{}", path.display()))
}

/// An exercise with these keys, and with arbitrary values for the others.
#[cfg(test)]
pub(crate) fn example(keys: &str) -> Exercise {
    let others = r#"
        name = "queues1"
        dir = "05_queues"
        hint = "1. Ask.\n2. Read.\n3. Do."
        chapter = "queues"
        section = "bounded"
        minutes = 5
        level = 1
        kind = "mend"
        about = "mend it"
        needs = []
        teaches = []
    "#;
    let mut all: toml::Table = toml::from_str(others).unwrap();
    all.extend(toml::from_str::<toml::Table>(keys).unwrap());
    all.try_into().unwrap()
}

#[cfg(test)]
mod tests {
    use tempfile::tempdir;

    use super::*;

    #[test]
    fn a_file_among_the_answers_that_is_not_rust_is_refused() {
        let folder = tempdir().unwrap();
        let pack = Pack { folder: folder.path().to_owned(), exercises: Vec::new() };
        let exercise = example("name = \"queues1\"");
        let answers = || pack.answers("wrong", &exercise);
        assert_eq!(answers().unwrap(), [""; 0].map(PathBuf::from));

        let own = folder.path().join("wrong/queues1");
        fs::create_dir_all(&own).unwrap();
        for name in ["b.rs", "a.rs"] {
            fs::write(own.join(name), "").unwrap();
        }
        assert_eq!(answers().unwrap(), ["a.rs", "b.rs"].map(|name| own.join(name)));
        fs::write(own.join("notes"), "").unwrap();
        let why = answers().unwrap_err().to_string();
        assert!(why.ends_with("notes: not a Rust file"), "{why}");
    }

    #[test]
    fn the_order_is_by_chapter_over_both_packs_and_then_the_capstones() {
        let pack = |dirs: &[&str]| Pack {
            folder: "".into(),
            exercises: dirs
                .iter()
                .enumerate()
                .map(|(at, dir)| example(&format!("name = \"{at}\"\ndir = \"{dir}\"")))
                .collect(),
        };
        let packs = [
            pack(&["09_retry", "09_retry", "15_observability", "capstones"]),
            pack(&["10_http_client", "capstones"]),
        ];
        let order = in_order(&packs);
        let order: Vec<_> =
            order.iter().map(|(_, it)| format!("{} {}", it.dir, it.name)).collect();
        let expected = [
            "09_retry 0",
            "09_retry 1",
            "10_http_client 0",
            "15_observability 2",
            "capstones 3",
            "capstones 1",
        ];
        assert_eq!(order, expected);
    }
}
