//! Each chapter has three exercises or more, and each exercise is about a section of its own chapter.

use std::{collections::BTreeMap, path::Path};

use anyhow::Result;

use crate::pack::{CAPSTONES, Exercise, Kind, entries, read};

/// The smallest number of exercises: of a chapter, and of capstones.
const OF_CHAPTER: usize = 3;
const OF_CAPSTONES: usize = 5;

/// Every chapter by the name of its package.
pub(crate) struct Chapters(BTreeMap<String, Chapter>);

/// What a chapter has.
struct Chapter {
    number: String,
    sections: Vec<String>,
}

impl Chapters {
    /// The chapters of a workspace: the crates whose folder begins with a number.
    pub(crate) fn of(root: &Path) -> Result<Self> {
        let mut chapters = BTreeMap::new();
        for folder in entries(&root.join("crates"))? {
            let name =
                folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let Some((number, package)) = name.split_once('-') else { continue };
            if number.parse::<u32>().is_err() {
                continue;
            }
            let sections = sections(&read(&folder.join("src/main.rs"))?);
            let chapter = Chapter { number: number.to_owned(), sections };
            chapters.insert(package.to_owned(), chapter);
        }
        Ok(Self(chapters))
    }

    /// What is wrong with the section and with the directory of an exercise, one line each.
    pub(crate) fn problems(&self, exercise: &Exercise) -> Vec<String> {
        let Exercise { chapter: package, section, dir, .. } = exercise;
        let Some(chapter) = self.0.get(package) else {
            return vec![format!("there is no chapter {package}")];
        };
        let mut problems = Vec::new();
        if !chapter.sections.contains(section) {
            problems.push(format!("the chapter {package} has no section {section}"));
        }
        let own = match exercise.kind {
            Kind::Capstone => CAPSTONES.to_owned(),
            _ => directory(package, chapter),
        };
        if *dir != own {
            problems.push(format!("its `dir` is {dir:?}, and must be {own:?}"));
        }
        problems
    }

    /// Which chapters have too few exercises among these, one line each; the capstones are counted apart.
    pub(crate) fn too_few(&self, exercises: &[&Exercise]) -> Vec<String> {
        let count = |dir: &str| exercises.iter().filter(|it| it.dir == dir).count();
        let mut problems = Vec::new();
        for (package, chapter) in &self.0 {
            let count = count(&directory(package, chapter));
            if count < OF_CHAPTER {
                problems.push(format!(
                    "the chapter {package} has {count} exercises, and needs {OF_CHAPTER}"
                ));
            }
        }
        let capstones = count(CAPSTONES);
        if capstones < OF_CAPSTONES {
            problems.push(format!("there are {capstones} capstones of {OF_CAPSTONES}"));
        }
        problems
    }
}

/// The directory of the exercises of a chapter.
fn directory(package: &str, chapter: &Chapter) -> String {
    format!("{}_{}", chapter.number, package.replace('-', "_"))
}

/// The names of the sections that a chapter's `main.rs` lists.
fn sections(main: &str) -> Vec<String> {
    let sections = [".section(", ".real_time("].iter().flat_map(|call| {
        let calls = main.split(call).skip(1);
        calls.filter_map(|rest| rest.split('"').nth(1).map(str::to_owned))
    });
    sections.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::example;

    fn chapters() -> Chapters {
        let sections = sections(".section(\"bounded\", \"a full queue\", bounded::run)");
        let chapter = Chapter { number: "05".to_owned(), sections };
        Chapters(BTreeMap::from([("queues".to_owned(), chapter)]))
    }

    #[test]
    fn an_exercise_is_about_a_section_of_its_own_chapter() {
        let of = |exercise: &str| chapters().problems(&example(exercise));
        assert_eq!(of("name = \"queues1\""), [""; 0]);
        assert_eq!(of("chapter = \"queue\""), ["there is no chapter queue"]);
        assert_eq!(
            of("section = \"bound\""),
            ["the chapter queues has no section bound"]
        );
        let folder = "its `dir` is \"06_queues\", and must be \"05_queues\"";
        assert_eq!(of("dir = \"06_queues\""), [folder]);
        let folder = "its `dir` is \"05_queues\", and must be \"capstones\"";
        assert_eq!(of("kind = \"capstone\""), [folder]);
    }

    #[test]
    fn a_chapter_has_three_exercises_and_there_are_five_capstones() {
        let queues = example("dir = \"05_queues\"");
        let capstone = example("dir = \"capstones\"\nkind = \"capstone\"");
        let too_few = |count, capstones| {
            let exercises = [vec![&queues; count], vec![&capstone; capstones]].concat();
            chapters().too_few(&exercises)
        };
        assert_eq!(too_few(3, 5), [""; 0]);
        assert_eq!(too_few(2, 5), ["the chapter queues has 2 exercises, and needs 3"]);
        assert_eq!(too_few(3, 4), ["there are 4 capstones of 5"]);
        assert_eq!(too_few(0, 0).len(), 2);
    }
}
