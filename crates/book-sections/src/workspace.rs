//! The workspace has chapters and exercises, and is read once.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{
    chapter::Chapter,
    compiler::{self, Entry},
    exercises::{self, Exercise},
};

/// Everything that pages are made from.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) chapters: Vec<Chapter>,
    pub(crate) exercises: Vec<Exercise>,
    /// The wrong programs of the page about the compiler.
    pub(crate) errors: Vec<Entry>,
    /// `[workspace.dependencies]` of the root manifest.
    pub(crate) versions: toml::Table,
}

impl Workspace {
    /// The workspace in which this program was built.
    pub(crate) fn here() -> Result<Self> {
        Self::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
    }

    /// The workspace in this folder.
    pub(crate) fn open(root: &Path) -> Result<Self> {
        let root = fs::canonicalize(root).with_context(|| root.display().to_string())?;
        let mut chapters = Vec::new();
        for folder in numbered(&root.join("crates"))? {
            chapters.push(Chapter::open(&root, folder)?);
        }
        let exercises = exercises::all(&root)?;
        let errors = compiler::entries(&root)?;
        let manifest: toml::Table = read(&root.join("Cargo.toml"))?.parse()?;
        let versions = manifest["workspace"]["dependencies"].as_table();
        let versions = versions.context("the versions are no table")?.clone();
        Ok(Self { root, chapters, exercises, errors, versions })
    }

    pub(crate) fn chapter(&self, package: &str) -> Option<&Chapter> {
        self.chapters.iter().find(|chapter| chapter.package == package)
    }

    /// The chapter of this name; without one, that of the page.
    pub(crate) fn chapter_of(
        &self,
        page: &Path,
        name: Option<&str>,
        section: &str,
    ) -> Result<&Chapter> {
        let Some(name) = name else {
            let own = self.chapters.iter().find(|it| Path::new(&it.page) == page);
            return own.with_context(|| {
                format!("this page belongs to no chapter: write CHAPTER/{section}")
            });
        };
        self.chapter(name).with_context(|| format!("there is no chapter {name}"))
    }

    /// The chapters of these names; all, if there are no names.
    pub(crate) fn chosen(&self, names: &[&str]) -> Result<Vec<&Chapter>> {
        if names.is_empty() {
            return Ok(self.chapters.iter().collect());
        }
        let find = |name: &&str| {
            self.chapter(name).with_context(|| format!("there is no chapter {name}"))
        };
        names.iter().map(find).collect()
    }
}

/// The text of a file; the error names it.
pub(crate) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| path.display().to_string())
}

/// The folders whose names begin with a number, in order.
fn numbered(crates: &Path) -> Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(crates).with_context(|| crates.display().to_string())? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(|c: char| c.is_ascii_digit()) {
            folders.push(entry.path());
        }
    }
    folders.sort();
    Ok(folders)
}

#[cfg(test)]
pub(crate) mod fixture {
    use tempfile::TempDir;

    use super::*;

    /// A workspace with the chapter `queues`, whose page is `05-queues.md`, and with these files.
    pub(crate) fn with(files: &[(&str, &str)]) -> TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let base = [
            ("Cargo.toml", "[workspace.dependencies]\n"),
            ("crates/workshop/info.toml", "exercises = []\n"),
            ("crates/workshop-apps/info.toml", "exercises = []\n"),
            ("crates/05-queues/Cargo.toml", ""),
        ];
        write(&folder, &base);
        write(&folder, files);
        folder
    }

    pub(crate) fn write(folder: &TempDir, files: &[(&str, &str)]) {
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
    }
}
