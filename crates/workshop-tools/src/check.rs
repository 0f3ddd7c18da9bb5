//! The list of a pack, its files, the chapters and the book agree.

use std::path::Path;

use anyhow::Result;

use crate::{
    answer::{Wrong, split},
    chapters::Chapters,
    fingerprints,
    missing_tables::missing_tables,
    orphans::orphans,
    pack::{Exercise, Kind, Pack, in_order, read},
    page::Page,
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
    let chapters = Chapters::of(root)?;
    let mut terms = Terms::of_the_book(&read(&root.join("docs/src/words.md"))?)?;
    let mut problems = Vec::new();
    let order = in_order(packs);
    for (pack, exercise) in &order {
        let mut problem =
            |why: String| problems.push(format!("{}: {why}", exercise.name));
        keys(exercise, &mut problem);
        // A file that cannot be read is a problem of its exercise: the others are checked all the same.
        let read = files(pack, exercise, &mut problem)
            .and_then(|()| text(pack, exercise, &mut problem));
        if let Err(why) = read {
            problem(format!("{why:#}"));
        }
        chapters.problems(exercise).into_iter().for_each(&mut problem);
        terms.problems(exercise).into_iter().for_each(problem);
    }
    let exercises: Vec<_> = order.into_iter().map(|(_, exercise)| exercise).collect();
    problems.extend(chapters.too_few(&exercises));
    for orphan in packs.iter().map(orphans).collect::<Result<Vec<_>>>()?.concat() {
        problems.push(format!("{} belongs to no exercise", orphan.display()));
    }
    problems.extend(pages.iter().filter_map(|page| page.problem(packs)));
    problems.extend(missing_tables(pages, packs));
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
    let (program, _) = split(&text)?;
    if !program.contains("exercise::show") {
        problem(
            "its `main` shows no run: call `exercise::show`, or one of its kind"
                .to_owned(),
        );
    }
    let section = format!("cargo run -p {} -- {}", exercise.chapter, exercise.section);
    if !text.contains(&section) {
        problem(format!("its text does not name `{section}`"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::tempdir;

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

    /// What is wrong with the text of an exercise.
    fn problems_of(program: &str, tests: &str) -> Vec<String> {
        let folder = tempdir().unwrap();
        let exercise = example("name = \"queues1\"");
        let pack = Pack { folder: folder.path().to_owned(), exercises: Vec::new() };
        let path = pack.file("exercises", &exercise);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let head =
            "//! queues1 · 5 minutes · mend it\n//! `cargo run -p queues -- bounded`";
        let file =
            format!("{head}\n{program}\n#[cfg(test)]\nmod tests {{\n{tests}\n}}\n");
        fs::write(path, file).unwrap();
        let mut problems = Vec::new();
        text(&pack, &exercise, &mut |why| problems.push(why)).unwrap();
        problems
    }

    #[test]
    fn the_program_of_an_exercise_shows_a_run() {
        for show in ["show", "show_in_real_time", "show_prediction"] {
            let main = format!("fn main() {{ exercise::{show}(run()); }}");
            assert_eq!(problems_of(&main, ""), [""; 0]);
        }
        let none = "its `main` shows no run: call `exercise::show`, or one of its kind";
        // The tests do not count: `cargo run` does not run them.
        let tests = "fn other() { exercise::show(run()); }";
        assert_eq!(problems_of("fn main() {}", tests), [none]);
    }

    #[test]
    fn the_tests_of_an_exercise_import_each_name() {
        let main = "fn main() { exercise::show(run()); }";
        assert_eq!(problems_of(main, "use super::{Queue, run};"), [""; 0]);
        let why = "its tests use `super::*`: import each name that they use";
        assert_eq!(problems_of(main, "use super::*;"), [why]);
    }

    #[test]
    fn an_exercise_without_its_file_is_one_problem_among_the_others() {
        let folder = tempdir().unwrap();
        let exercises = vec![example("minutes = 20"), example("name = \"queues2\"")];
        let packs = [Pack { folder: folder.path().to_owned(), exercises }];
        let problems = problems(&root(), &packs, &[]).unwrap();
        for expected in [
            "queues1: it takes 20 minutes",
            "queues1.rs: ",
            "queues2.rs: ",
            "there are 0 capstones",
        ] {
            assert!(problems.iter().any(|it| it.contains(expected)), "{problems:#?}");
        }
    }
}
