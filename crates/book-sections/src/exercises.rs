//! The lists of the workshop name a section for each exercise.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::workspace::read;

const PACKS: [&str; 2] = ["workshop", "workshop-apps"];

/// An exercise of a pack.
#[derive(Debug, Deserialize)]
pub(crate) struct Exercise {
    pub(crate) name: String,
    dir: String,
    chapter: Option<String>,
    section: Option<String>,
    pub(crate) minutes: u32,
    pub(crate) about: String,
    #[serde(skip)]
    pack: &'static str,
}

#[derive(Deserialize)]
struct Pack {
    exercises: Vec<Exercise>,
}

impl Exercise {
    /// Whether the exercise is about this section.
    pub(crate) fn is_about(&self, chapter: &str, section: &str) -> bool {
        let [of, about] = [&self.chapter, &self.section].map(|it| it.as_deref());
        (of, about) == (Some(chapter), Some(section))
    }

    /// Whether the exercise belongs to this page, `05-queues.md`.
    pub(crate) fn is_of(&self, page: &str) -> bool {
        page.trim_end_matches(".md").replace('-', "_") == self.dir
    }

    /// Its file in the workspace.
    pub(crate) fn path(&self) -> String {
        format!("crates/{}/exercises/{}/{}.rs", self.pack, self.dir, self.name)
    }
}

/// The exercises of both packs.
pub(crate) fn all(root: &Path) -> Result<Vec<Exercise>> {
    let mut all = Vec::new();
    for pack in PACKS {
        let path = root.join("crates").join(pack).join("info.toml");
        let list = toml::from_str::<Pack>(&read(&path)?);
        let list = list.with_context(|| path.display().to_string())?;
        all.extend(list.exercises.into_iter().map(|it| Exercise { pack, ..it }));
    }
    Ok(all)
}
