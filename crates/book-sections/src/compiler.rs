//! A wrong program of the page about the compiler has a message, and a cure that compiles.
//!
//! Each lies in a folder of `docs/compiler/`: `wrong.rs` names its error in its first line; the cure
//! is `right.rs`, or a manifest `right.toml` with which the wrong program compiles; `message.txt` is
//! recorded.

mod messages;
mod panel;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

pub(crate) use messages::{check, record, version};

use crate::workspace::read;

/// A wrong program with its cure.
pub(crate) struct Entry {
    /// The name of its folder.
    pub(crate) name: String,
    wrong: String,
    cure: Cure,
    /// The recorded message, or nothing if it was never recorded.
    message: String,
    folder: PathBuf,
}

enum Cure {
    Program(String),
    Manifest(String),
}

/// All entries of a workspace, in the order of their names.
pub(crate) fn entries(root: &Path) -> Result<Vec<Entry>> {
    let folder = folder(root);
    let mut entries = Vec::new();
    // A workspace without this page has no entries.
    let files = if folder.exists() { Some(fs::read_dir(&folder)?) } else { None };
    for file in files.into_iter().flatten() {
        let path = file?.path();
        if path.is_dir() {
            entries.push(Entry::read(&path)?);
        }
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

fn folder(root: &Path) -> PathBuf {
    root.join("docs/compiler")
}

impl Entry {
    fn read(folder: &Path) -> Result<Self> {
        let name = folder.file_name().and_then(|name| name.to_str());
        let right = folder.join("right.rs");
        let cure = match right.is_file() {
            true => Cure::Program(read(&right)?),
            false => Cure::Manifest(read(&folder.join("right.toml"))?),
        };
        let entry = Self {
            name: name.context("the name of a folder is UTF-8")?.to_owned(),
            wrong: read(&folder.join("wrong.rs"))?,
            cure,
            message: read(&folder.join(MESSAGE)).unwrap_or_default(),
            folder: folder.to_owned(),
        };
        entry.error().with_context(|| folder.display().to_string())?;
        Ok(entry)
    }

    /// The error that the first line names: a code, a lint, or a message without a code.
    fn error(&self) -> Result<&str> {
        let error = self.wrong.lines().next().and_then(|line| line.strip_prefix(REPORTS));
        error.with_context(|| format!("the first line is not `{REPORTS}…`"))
    }
}

/// The start of a wrong program, before its error.
const REPORTS: &str = "//! The compiler reports: ";

/// The file with a recorded message, in the folder of an entry.
const MESSAGE: &str = "message.txt";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Workspace;

    /// The error that each program in a chapter's folder `wrong` names.
    fn of_chapters(workspace: &Workspace) -> Vec<String> {
        let folders = workspace.chapters.iter().map(|it| it.folder.join("wrong"));
        let files = folders.filter_map(|folder| fs::read_dir(folder).ok()).flatten();
        let texts =
            files.map(|file| read(&file.expect("a file").path()).expect("a text"));
        let error =
            |text: String| Some(text.lines().next()?.rsplit_once(": ")?.1.to_owned());
        texts.map(|text| error(text).expect("a claim")).collect()
    }

    /// The error of each exercise that does not compile as it is handed out.
    fn of_exercises(workspace: &Workspace) -> Vec<String> {
        let mut errors = Vec::new();
        for pack in ["workshop", "workshop-apps"] {
            let list = workspace.root.join("crates").join(pack).join("info.toml");
            let list: toml::Table = read(&list).expect("a list").parse().expect("TOML");
            let exercises = list["exercises"].as_array().expect("exercises");
            let error =
                |it: &toml::Value| Some(it.get("compile_error")?.as_str()?.to_owned());
            errors.extend(exercises.iter().filter_map(error));
        }
        errors
    }

    #[test]
    fn each_error_that_a_chapter_or_an_exercise_shows_is_explained() {
        let workspace = Workspace::here().expect("the workspace");
        let errors =
            workspace.errors.iter().map(|entry| entry.error().expect("an error"));
        let explained: Vec<_> = errors.collect();
        let shown = [of_chapters(&workspace), of_exercises(&workspace)];
        assert!(shown.iter().all(|errors| errors.len() > 5), "{shown:?}");
        for error in shown.concat() {
            assert!(
                explained.contains(&error.as_str()),
                "{error} is not in docs/compiler"
            );
        }
    }

    #[test]
    fn a_wrong_program_names_its_error_in_its_first_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text);
        write("right.rs", "fn main() {}").expect("a file");
        write("wrong.rs", "//! The compiler reports: E0382\n").expect("a file");
        let entry = Entry::read(folder.path()).expect("an entry");
        assert_eq!(entry.error().expect("an error"), "E0382");
        assert!(entry.draw("rustc 1.0.0").is_err(), "nothing was recorded");
        write("wrong.rs", "//! It is wrong.\n").expect("a file");
        assert!(Entry::read(folder.path()).is_err());
    }
}
