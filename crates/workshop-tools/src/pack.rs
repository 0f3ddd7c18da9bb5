//! A pack is a folder of exercises; its `info.toml` lists them in order.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// The file in which a pack lists its exercises.
const INFO: &str = "info.toml";

/// A pack of exercises.
#[derive(Debug, Deserialize)]
pub(crate) struct Pack {
    /// Where it lies.
    #[serde(skip)]
    pub(crate) folder: PathBuf,
    pub(crate) exercises: Vec<Exercise>,
}

/// An exercise, as `info.toml` describes it.
#[derive(Debug, Deserialize)]
pub(crate) struct Exercise {
    pub(crate) name: String,
    pub(crate) dir: String,
    /// The error code of the compiler, if the exercise is about one: it does not compile as it is
    /// handed out.
    pub(crate) compile_error: Option<String>,
}

impl Pack {
    /// Reads the pack in this folder.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(INFO);
        let text = read(&path)?;
        let mut pack: Self =
            toml::from_str(&text).with_context(|| format!("{}", path.display()))?;
        ensure!(!pack.exercises.is_empty(), "{}: no exercises", path.display());
        pack.folder = folder.to_owned();
        Ok(pack)
    }

    /// The file of this kind that belongs to an exercise: `exercises` or `solutions`.
    pub(crate) fn file(&self, kind: &str, exercise: &Exercise) -> PathBuf {
        self.folder.join(kind).join(&exercise.dir).join(format!("{}.rs", exercise.name))
    }

    /// The answers of this kind to an exercise, `wrong` or `also`, in the order of their names.
    pub(crate) fn answers(
        &self,
        kind: &str,
        exercise: &Exercise,
    ) -> Result<Vec<PathBuf>> {
        let folder = self.folder.join(kind).join(&exercise.name);
        if !folder.exists() {
            return Ok(Vec::new());
        }
        let entries = fs::read_dir(&folder).and_then(|entries| {
            entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>()
        });
        let mut paths = entries.with_context(|| format!("{}", folder.display()))?;
        paths.sort();
        let other =
            paths.iter().find(|path| path.extension().is_none_or(|end| end != "rs"));
        ensure!(
            other.is_none(),
            "{}: not a Rust file",
            other.unwrap_or(&folder).display()
        );
        Ok(paths)
    }
}

/// Reads a file, and names it if it cannot be read.
pub(crate) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("{}", path.display()))
}
