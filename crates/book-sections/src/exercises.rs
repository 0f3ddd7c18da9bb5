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

    /// The folder of its pack in the workspace, in which it is run.
    pub(crate) fn folder(&self) -> String {
        format!("crates/{}", self.pack)
    }

    /// Its file in the workspace.
    pub(crate) fn path(&self) -> String {
        format!("{}/exercises/{}/{}.rs", self.folder(), self.dir, self.name)
    }

    /// The id of the heading on the page of the workshop whose table lists it.
    pub(crate) fn heading(&self) -> String {
        self.dir.trim_start_matches(|c: char| !c.is_alphabetic()).replace('_', "-")
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contents::id;

    /// The exercises of this project, and the page that lists them.
    #[test]
    fn the_heading_of_an_exercise_is_the_one_above_its_table() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let page = read(&root.join("docs/src/workshop.md")).expect("a page");
        for exercise in all(&root).expect("two packs") {
            let table = format!("<!-- computed: exercises {} -->", exercise.dir);
            let (above, _) = page.split_once(&table).expect("a table");
            let heading = above.lines().rev().find_map(|it| it.strip_prefix("### "));
            assert_eq!(heading.map(id), Some(exercise.heading()), "{}", exercise.name);
        }
    }
}
