//! The list of a pack, its files, the chapters and the book agree.

use std::{collections::HashMap, path::Path};

use anyhow::Result;

use crate::{
    answer::Wrong,
    fingerprints,
    orphans::orphans,
    pack::{CAPSTONES, Exercise, Kind, Pack, entries, in_order, read},
    tables::{self, Page},
    terms::Terms,
};

/// The smallest number of wrong answers.
const WRONG: usize = 2;
const WRONG_OF_CAPSTONE: usize = 3;

/// Everything that is wrong with the packs of a workspace and with the pages about them, one line each.
pub(crate) fn problems(
    root: &Path,
    packs: &[Pack],
    pages: &[Page],
) -> Result<Vec<String>> {
    let chapters = chapters(root)?;
    let mut terms = Terms::of_the_book(&read(&root.join("docs/src/words.md"))?)?;
    let mut problems = Vec::new();
    for (pack, exercise) in in_order(packs) {
        let mut problem =
            |why: String| problems.push(format!("{}: {why}", exercise.name));
        files(pack, exercise, &mut problem)?;
        keys(exercise, &mut problem);
        text(pack, exercise, &mut problem)?;
        section(exercise, &chapters, &mut problem);
        terms.problems(exercise).into_iter().for_each(problem);
    }
    for orphan in packs.iter().map(orphans).collect::<Result<Vec<_>>>()?.concat() {
        problems.push(format!("{} belongs to no exercise", orphan.display()));
    }
    problems.extend(tables::problems(pages, packs));
    Ok(problems)
}

/// Each exercise has a solution, and enough wrong answers with their messages.
fn files(
    pack: &Pack,
    exercise: &Exercise,
    problem: &mut impl FnMut(String),
) -> Result<()> {
    if !pack.file("solutions", exercise).is_file() {
        problem("it has no solution".to_owned());
    }
    if exercise.checks.as_ref() != Some(&fingerprints::current(pack, exercise)?) {
        problem("its `checks` are outdated: run `just tables`".to_owned());
    }
    let wrong = pack.answers("wrong", exercise)?;
    let least = if exercise.kind == Kind::Capstone { WRONG_OF_CAPSTONE } else { WRONG };
    if wrong.len() < least {
        problem(format!("it needs {least} wrong answers, and has {}", wrong.len()));
    }
    for path in wrong {
        if let Err(why) = Wrong::of(&read(&path)?) {
            problem(format!("{}: {why}", path.display()));
        }
    }
    if exercise.kind == Kind::Port {
        for (folder, end) in [("asyncio", "py"), ("transcripts", "txt")] {
            let path = pack.folder.join(folder).join(&exercise.name).with_extension(end);
            if !path.is_file() {
                problem(format!("{} is missing", path.display()));
            }
        }
    }
    Ok(())
}

/// The keys of the list have the values that a learner can rely on.
fn keys(exercise: &Exercise, problem: &mut impl FnMut(String)) {
    for step in ["1. ", "2. ", "3. "] {
        if !exercise.hint.lines().any(|line| line.starts_with(step)) {
            problem(format!("its hint has no step {}", step.trim()));
        }
    }
    if exercise.about.is_empty() || exercise.about.lines().count() > 1 {
        problem("its `about` is not one line of text".to_owned());
    }
    if !(1..=3).contains(&exercise.level) {
        problem(format!("its level is {}, and a level is 1, 2 or 3", exercise.level));
    }
    let (least, most) = if exercise.kind == Kind::Capstone { (30, 60) } else { (5, 15) };
    if !(least..=most).contains(&exercise.minutes) {
        let minutes = exercise.minutes;
        problem(format!("it takes {minutes} minutes, and may take {least} to {most}"));
    }
}

/// The text that a learner reads names the section and the minutes.
fn text(
    pack: &Pack,
    exercise: &Exercise,
    problem: &mut impl FnMut(String),
) -> Result<()> {
    let text = read(&pack.file("exercises", exercise))?;
    let title = format!("//! {} · {} minutes · ", exercise.name, exercise.minutes);
    if !text.starts_with(&title) {
        problem(format!("its first line does not begin with `{title}`"));
    }
    // A learner may remove an import of the program that is unused, and the tests must still compile.
    if text.contains("use super::*") {
        problem("its tests use `super::*`: import each name that they use".to_owned());
    }
    let section = format!("cargo run -p {} -- {}", exercise.chapter, exercise.section);
    if !text.contains(&section) {
        problem(format!("its text does not name `{section}`"));
    }
    Ok(())
}

/// The section exists, in the chapter of that number.
fn section(
    exercise: &Exercise,
    chapters: &HashMap<String, Chapter>,
    problem: &mut impl FnMut(String),
) {
    let Some(chapter) = chapters.get(&exercise.chapter) else {
        return problem(format!("there is no chapter {}", exercise.chapter));
    };
    if !chapter.sections.contains(&exercise.section) {
        let Exercise { chapter, section, .. } = exercise;
        problem(format!("the chapter {chapter} has no section {section}"));
    }
    let dir = match exercise.kind {
        Kind::Capstone => CAPSTONES.to_owned(),
        _ => format!("{}_{}", chapter.number, exercise.chapter.replace('-', "_")),
    };
    if exercise.dir != dir {
        problem(format!("its `dir` is {:?}, and must be {dir:?}", exercise.dir));
    }
}

/// What a chapter has.
struct Chapter {
    number: String,
    sections: Vec<String>,
}

/// Every chapter by the name of its package.
fn chapters(root: &Path) -> Result<HashMap<String, Chapter>> {
    let mut chapters = HashMap::new();
    for folder in entries(&root.join("crates"))? {
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some((number, package)) = name.split_once('-') else { continue };
        if number.parse::<u32>().is_err() {
            continue;
        }
        let main = read(&folder.join("src/main.rs"))?;
        let sections = [".section(", ".real_time("].iter().flat_map(|call| {
            let calls = main.split(call).skip(1);
            calls.filter_map(|rest| rest.split('"').nth(1).map(str::to_owned))
        });
        let chapter = Chapter { number: number.to_owned(), sections: sections.collect() };
        chapters.insert(package.to_owned(), chapter);
    }
    Ok(chapters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{pack::example, transcripts::outdated, workspace};

    fn root() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    fn packs() -> Vec<Pack> {
        workspace::packs(&root()).unwrap()
    }

    #[test]
    fn the_exercises_agree_with_their_files_the_chapters_and_the_book() {
        let pages = workspace::pages(&root()).unwrap();
        let problems = problems(&root(), &packs(), &pages).unwrap();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }

    #[test]
    fn each_transcript_is_what_asyncio_prints() {
        for pack in packs() {
            // Without Python a note says that nothing was compared, as in the chapters.
            let outdated = outdated(&pack).unwrap().unwrap_or_default();
            assert!(outdated.is_empty(), "run `just transcripts`: {outdated:?}");
        }
    }

    #[test]
    fn a_value_that_a_learner_cannot_rely_on_is_reported() {
        let of = |exercise: &str| {
            let mut problems = Vec::new();
            keys(&example(exercise), &mut |why| problems.push(why));
            problems
        };
        assert_eq!(of("name = \"queues1\""), [""; 0]);
        assert_eq!(of("hint = \"1. Ask.\\n3. Do.\""), ["its hint has no step 2."]);
        assert_eq!(of("about = \"\""), ["its `about` is not one line of text"]);
        assert_eq!(of("level = 4"), ["its level is 4, and a level is 1, 2 or 3"]);
        assert_eq!(of("minutes = 20"), ["it takes 20 minutes, and may take 5 to 15"]);
        let capstone = of("minutes = 20\nkind = \"capstone\"");
        assert_eq!(capstone, ["it takes 20 minutes, and may take 30 to 60"]);
    }

    #[test]
    fn an_exercise_is_about_a_section_of_its_own_chapter() {
        let chapter =
            Chapter { number: "05".to_owned(), sections: vec!["bounded".to_owned()] };
        let chapters = HashMap::from([("queues".to_owned(), chapter)]);
        let of = |exercise: &str| {
            let mut problems = Vec::new();
            section(&example(exercise), &chapters, &mut |why| problems.push(why));
            problems
        };
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
}
