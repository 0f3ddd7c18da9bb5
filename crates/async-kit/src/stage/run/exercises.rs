//! The exercises about a section are found in the lists of the workshop.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::stage::exercise_list::{entries, value};

/// The folders of exercises, each with its list.
const PACKS: [&str; 2] = ["crates/workshop", "crates/workshop-apps"];

/// An exercise about a section.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Exercise {
    pub(super) path: PathBuf,
    pub(super) minutes: String,
}

/// The exercises about this section, in the workspace `root`.
pub(super) fn about(root: &Path, chapter: &str, section: &str) -> Vec<Exercise> {
    let packs = PACKS.iter().map(|pack| root.join(pack));
    packs
        .flat_map(|pack| {
            // A program outside the book has no workshop.
            let list = fs::read_to_string(pack.join("info.toml")).unwrap_or_default();
            listed(&list, chapter, section, &pack.join("exercises"))
        })
        .collect()
}

/// The exercises about this section in a list.
fn listed(list: &str, chapter: &str, section: &str, folder: &Path) -> Vec<Exercise> {
    entries(list)
        .filter(|entry| value(entry, "chapter") == Some(chapter))
        .filter(|entry| value(entry, "section") == Some(section))
        .filter_map(|entry| {
            let file = format!("{}.rs", value(entry, "name")?);
            let path = folder.join(value(entry, "dir")?).join(file);
            Some(Exercise { path, minutes: value(entry, "minutes")?.to_owned() })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exercises_of_a_section_are_found_in_a_list() {
        let entry = |name, section| {
            format!(
                "[[exercises]]\nname = \"{name}\"\ndir = \"05_queues\"\nhint = \"\"\"\nWhich \
                 section = it?\n\"\"\"\nchapter = \"queues\"\nsection = \"{section}\"\nminutes = 5\n"
            )
        };
        let list = entry("queues1", "bounded") + &entry("queues2", "closing");
        let listed =
            |chapter, section| listed(&list, chapter, section, Path::new("exercises"));
        let path = "exercises/05_queues/queues2.rs".into();
        assert_eq!(
            listed("queues", "closing"),
            [Exercise { path, minutes: "5".to_owned() }]
        );
        assert_eq!(listed("queues", "priority"), []);
        assert_eq!(listed("tasks", "closing"), []);
    }

    #[test]
    fn every_exercise_of_the_workshop_is_found_by_its_section() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for pack in PACKS {
            let list = fs::read_to_string(root.join(pack).join("info.toml")).unwrap();
            assert!(entries(&list).count() > 0, "{pack} has no exercise");
            for entry in entries(&list) {
                let [name, dir, chapter, section] = ["name", "dir", "chapter", "section"]
                    .map(|key| value(entry, key).unwrap());
                let file = Path::new("exercises").join(dir).join(format!("{name}.rs"));
                let file = root.join(pack).join(file);
                assert!(file.is_file(), "{}", file.display());
                let found = about(&root, chapter, section);
                let found = found.iter().find(|it| it.path == file);
                let found = found.unwrap_or_else(|| panic!("{name} is not found"));
                assert!(found.minutes.parse::<u32>().is_ok(), "{found:?}");
            }
        }
    }
}
