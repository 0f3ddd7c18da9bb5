//! The list of a pack, its files, the chapters and the book agree.

use std::{collections::HashMap, path::Path};

use anyhow::{Context, Result};

use crate::{
    answer::Wrong,
    fingerprints,
    pack::{Exercise, Kind, Pack, entries, read},
};

/// The smallest number of wrong answers.
const WRONG: usize = 2;
const WRONG_OF_CAPSTONE: usize = 3;

/// Everything that is wrong with the packs in a workspace, one line each. The packs are in the order
/// in which a learner goes through them.
pub(crate) fn problems(root: &Path, packs: &[Pack]) -> Result<Vec<String>> {
    let chapters = chapters(root)?;
    let mut known = terms(root)?;
    let mut problems = Vec::new();
    let mut order: Vec<_> = packs
        .iter()
        .flat_map(|pack| pack.exercises.iter().map(move |it| (pack, it)))
        .collect();
    // Chapter by chapter, over all packs; `sort_by` keeps the order inside a chapter.
    order.sort_by(|(_, a), (_, b)| number(a).cmp(number(b)));
    for (pack, exercise) in order {
        let mut problem =
            |why: String| problems.push(format!("{}: {why}", exercise.name));
        files(pack, exercise, &mut problem)?;
        text(pack, exercise, &mut problem)?;
        section(exercise, &chapters, &mut problem);
        terms_of(exercise, &mut known, &mut problem);
    }
    Ok(problems)
}

/// The number of the chapter, which `dir` begins with.
fn number(exercise: &Exercise) -> &str {
    exercise.dir.split('_').next().unwrap_or_default()
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
        problem(format!("it has {} wrong answers, of at least {least}", wrong.len()));
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

/// The text that a learner reads names the section, the minutes and the steps of the hint.
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
    for step in ["1. ", "2. ", "3. "] {
        if !exercise.hint.lines().any(|line| line.starts_with(step)) {
            problem(format!("its hint has no step {}", step.trim()));
        }
    }
    if exercise.about.is_empty() || exercise.about.lines().count() > 1 {
        problem("`about` is not one line".to_owned());
    }
    if !(1..=3).contains(&exercise.level) {
        problem(format!("its level is {}, of 1 to 3", exercise.level));
    }
    let minutes = if exercise.kind == Kind::Capstone { 30..=60 } else { 5..=15 };
    if !minutes.contains(&exercise.minutes) {
        problem(format!("it takes {} minutes, of {minutes:?}", exercise.minutes));
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
        problem(format!("{} has no section {}", exercise.chapter, exercise.section));
    }
    let dir = format!("{}_{}", chapter.number, exercise.chapter.replace('-', "_"));
    if exercise.kind != Kind::Capstone && exercise.dir != dir {
        problem(format!("its folder is {}, of {dir}", exercise.dir));
    }
}

/// Every term that it needs was taught before: by a page up to its chapter, or by an exercise.
fn terms_of(
    exercise: &Exercise,
    known: &mut HashMap<String, String>,
    problem: &mut impl FnMut(String),
) {
    let number = number(exercise).to_owned();
    for term in exercise.needs.iter().chain(&exercise.teaches) {
        if !known.contains_key(term) {
            problem(format!("the book has no term {term:?}"));
        }
    }
    for term in &exercise.needs {
        let taught = known.get(term).is_none_or(|first| *first <= number);
        if !taught {
            problem(format!("it needs {term:?}, which a later chapter teaches"));
        }
    }
    for term in &exercise.teaches {
        known
            .entry(term.clone())
            .and_modify(|first| *first = first.clone().min(number.clone()));
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

/// Every term of the book, with the number of the chapter that its row of the page names.
fn terms(root: &Path) -> Result<HashMap<String, String>> {
    let page = read(&root.join("docs/src/words.md"))?;
    let rows =
        page.lines().filter(|line| line.starts_with("| ") && line.contains(".md#"));
    rows.map(|row| {
        let term = row.split('|').nth(1).context("a row has a term")?.trim();
        let (before, _) = row.rsplit_once(".md#").context("a row has a link")?;
        let page = before.rsplit('(').next().context("a link has a page")?;
        let number = page.split('-').next().unwrap_or_default();
        Ok((term.to_owned(), number.to_owned()))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{command, transcripts::outdated};

    fn root() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    fn packs() -> Vec<Pack> {
        command::packs(&root()).unwrap()
    }

    #[test]
    fn the_exercises_agree_with_their_files_the_chapters_and_the_book() {
        let problems = problems(&root(), &packs()).unwrap();
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
}
