//! A chapter is a folder with a number, a manifest, and sections.

use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result};
use async_kit::parity::{Section, sections};

use crate::{listing::Listing, workspace::read};

/// A chapter of the workspace.
pub(crate) struct Chapter {
    /// The name of its package, `queues`.
    pub(crate) package: String,
    /// `crates/05-queues` in the workspace.
    pub(crate) folder: PathBuf,
    /// The same, with `/` and relative to the workspace.
    pub(crate) path: String,
    /// The file name of its page, `05-queues.md`.
    pub(crate) page: String,
    pub(crate) manifest: toml::Table,
    /// The folder with what its sections printed and drew when they were recorded.
    pub(crate) runs: PathBuf,
    pub(crate) sections: Vec<Section>,
}

impl Chapter {
    pub(crate) fn open(root: &Path, folder: PathBuf) -> Result<Self> {
        let name = folder.file_name().context("a folder has a name")?;
        let name = name.to_str().context("a chapter's name is UTF-8")?;
        let (_, package) = name.split_once('-').context("a number and a name")?;
        let runs = root.join("docs/runs").join(package);
        let list = runs.join(LIST);
        // A chapter that was never recorded has no sections yet.
        let sections = match list.exists() {
            true => sections(&read(&list)?).map_err(Error::msg)?,
            false => Vec::new(),
        };
        Ok(Self {
            package: package.into(),
            path: format!("crates/{name}"),
            page: format!("{name}.md"),
            manifest: read(&folder.join("Cargo.toml"))?.parse()?,
            runs,
            sections,
            folder,
        })
    }

    /// The section of this name; the error lists those that exist.
    pub(crate) fn section(&self, name: &str) -> Result<&Section> {
        let section = self.sections.iter().find(|section| section.name == name);
        section.with_context(|| {
            let names: Vec<_> = self.sections.iter().map(|it| it.name.as_str()).collect();
            format!("{} has no section {name}, only {}", self.package, names.join(" "))
        })
    }

    /// What runs a section in a terminal.
    pub(crate) fn command(&self, section: &str) -> String {
        format!("cargo run -p {} -- {section}", self.package)
    }

    /// The record of a pure section.
    pub(crate) fn record(&self, section: &str) -> PathBuf {
        self.runs.join(format!("{section}.json"))
    }

    /// The record of its twin.
    pub(crate) fn record_of_twin(&self, section: &str) -> PathBuf {
        self.runs.join(format!("{section}.asyncio.json"))
    }

    /// The timeline of a pure section, a file that exists only if the run has a lane.
    pub(crate) fn picture(&self, section: &str) -> PathBuf {
        self.runs.join(format!("{section}.svg"))
    }

    /// The timeline of its twin, a file that exists only if the twin prints something else.
    pub(crate) fn own_picture_of_twin(&self, section: &str) -> PathBuf {
        self.runs.join(format!("{section}.asyncio.svg"))
    }

    /// The asyncio program of a pure section, in the chapter's folder.
    pub(crate) fn twin(&self, section: &Section) -> Option<String> {
        section.pure.then(|| format!("asyncio/{}.py", section.name))
    }

    /// A file of the chapter, as `src/main.rs`.
    pub(crate) fn listing(&self, file: &str) -> Result<Listing> {
        let text = read(&self.folder.join(file))?;
        Ok(Listing::of(&format!("{}/{file}", self.path), &text))
    }
}

/// The file in which the list of a chapter's sections is recorded.
pub(crate) const LIST: &str = "sections.tsv";
