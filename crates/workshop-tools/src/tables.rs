//! What a table about the exercises contains is computed from the lists of the packs.

use std::{collections::BTreeSet, fmt::Write};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    answer::Wrong,
    pack::{Exercise, Kind, Pack, in_order, read},
};

/// The first words of the names of tables. They are followed by a directory, a route, the minutes and
/// the blocks of a class, and a route.
pub(crate) const EXERCISES: &str = "exercises";
pub(crate) const ROUTE: &str = "route";
pub(crate) const SCHEDULE: &str = "schedule";
pub(crate) const MISTAKES: &str = "mistakes";

/// The table with this name.
pub(crate) fn table(what: &str, packs: &[Pack]) -> Result<String> {
    let all: Vec<_> = in_order(packs).into_iter().map(|(_, exercise)| exercise).collect();
    match what.split_once(' ') {
        None if what == "chapters" => Ok(chapters(&all)),
        Some((EXERCISES, dir)) => Ok(exercises(&of(&all, dir)?)),
        Some((ROUTE, name)) => route(&all, name),
        Some((SCHEDULE, rest)) => schedule(&all, rest),
        Some((MISTAKES, name)) => mistakes(packs, name),
        _ => bail!(
            "its name is none of `chapters`, `{EXERCISES} DIR`, `{ROUTE} NAME`, \
             `{SCHEDULE} MINUTES NAME…` and `{MISTAKES} NAME`"
        ),
    }
}

/// The exercises of a directory; a name without any is a misspelt one.
fn of<'a>(all: &[&'a Exercise], dir: &str) -> Result<Vec<&'a Exercise>> {
    let of: Vec<_> = all.iter().copied().filter(|exercise| exercise.dir == dir).collect();
    ensure!(!of.is_empty(), "no exercise lies in the directory {dir:?}");
    Ok(of)
}

/// The exercises on a route; a name without any is a misspelt one.
fn on<'a>(all: &[&'a Exercise], route: &str) -> Result<Vec<&'a Exercise>> {
    let on: Vec<_> = all.iter().copied().filter(|it| it.is_on(route)).collect();
    ensure!(!on.is_empty(), "no exercise is on the route {route:?}");
    Ok(on)
}

/// The directories in the order of the chapters, over all packs; the capstones last.
pub(crate) fn dirs<'a>(all: &[&'a Exercise]) -> BTreeSet<&'a str> {
    all.iter().map(|exercise| exercise.dir.as_str()).collect()
}

fn minutes(exercises: &[&Exercise]) -> u32 {
    exercises.iter().map(|exercise| exercise.minutes).sum()
}

/// A row for each chapter, and their sum.
fn chapters(all: &[&Exercise]) -> String {
    let mut text = "| chapter | exercises | minutes |\n|---|---:|---:|\n".to_owned();
    for dir in dirs(all) {
        let mut exercises = all.to_vec();
        exercises.retain(|exercise| exercise.dir == dir);
        let (count, minutes) = (exercises.len(), minutes(&exercises));
        let _ = writeln!(text, "| {} | {count} | {minutes} |", dir.replace('_', " "));
    }
    let _ = writeln!(text, "| all | {} | {} |", all.len(), minutes(all));
    text
}

/// A row for each exercise of a chapter.
fn exercises(exercises: &[&Exercise]) -> String {
    let mut text = "| exercise | kind | section | minutes | level | what you do |\n\
                    |---|---|---|---:|---:|---|\n"
        .to_owned();
    for exercise in exercises {
        let Exercise { name, section, minutes, level, about, .. } = exercise;
        let kind = kind(exercise.kind);
        let _ = writeln!(
            text,
            "| `{name}` | {kind} | `{section}` | {minutes} | {level} | {about} |"
        );
    }
    text
}

/// The exercises of a route in order, and their minutes.
fn route(all: &[&Exercise], name: &str) -> Result<String> {
    let route = on(all, name)?;
    let names: Vec<_> =
        route.iter().map(|exercise| format!("`{}`", exercise.name)).collect();
    Ok(format!("{}: {}\n", hours(minutes(&route)), names.join(" · ")))
}

/// When each block of a class begins: a block is a route. An explanation and a discussion take half as
/// long as the exercises, rounded up to five minutes. `words` are the minutes that the class has, and
/// the blocks.
fn schedule(all: &[&Exercise], words: &str) -> Result<String> {
    let (limit, names) = words.split_once(' ').context("it names no block")?;
    let limit: u32 =
        limit.parse().context("its first word is not a number of minutes")?;
    let mut text = "| begins after | block | explain and discuss | exercises |\n\
                    |---:|---|---:|---:|\n"
        .to_owned();
    let mut now = 0;
    for name in names.split(' ') {
        let exercises = minutes(&on(all, name)?);
        let talk = exercises.div_ceil(2).next_multiple_of(5);
        let _ =
            writeln!(text, "| {} | {name} | {talk} min | {exercises} min |", hours(now));
        now += talk + exercises;
    }
    let _ = writeln!(text, "| {} | end | | |", hours(now));
    ensure!(now <= limit, "the blocks take {now} minutes, and the class has {limit}");
    Ok(text)
}

/// What the wrong answers to the exercises of a route do.
fn mistakes(packs: &[Pack], name: &str) -> Result<String> {
    let mut text = String::new();
    for (pack, exercise) in in_order(packs).iter().filter(|(_, it)| it.is_on(name)) {
        for path in pack.answers("wrong", exercise)? {
            let answer = read(&path)?;
            let wrong = Wrong::of(&answer);
            let wrong = wrong.with_context(|| path.display().to_string())?;
            let _ = writeln!(text, "- `{}`: {}", exercise.name, wrong.mistake);
        }
    }
    ensure!(!text.is_empty(), "no exercise with a wrong answer is on the route {name:?}");
    Ok(text)
}

/// `1 h 55 min`
fn hours(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Write => "write",
        Kind::Mend => "mend",
        Kind::Predict => "predict",
        Kind::Compile => "make it compile",
        Kind::Port => "port",
        Kind::Capstone => "build",
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::pack::example;

    /// Two exercises, of two chapters and on two routes.
    pub(crate) fn packs() -> [Pack; 1] {
        let first = r#"name = "tasks1"
                       dir = "02_tasks"
                       kind = "predict"
                       about = "predict it"
                       minutes = 5
                       routes = ["day", "short"]"#;
        let second = r#"name = "queues1"
                        dir = "05_queues"
                        minutes = 90
                        routes = ["day"]"#;
        [Pack { folder: "".into(), exercises: vec![example(first), example(second)] }]
    }

    #[test]
    fn the_kind_of_an_exercise_is_a_column_of_its_own() {
        let table = table("exercises 02_tasks", &packs()).unwrap();
        let row = table.lines().last();
        assert_eq!(row, Some("| `tasks1` | predict | `bounded` | 5 | 1 | predict it |"));
    }

    #[test]
    fn a_table_with_a_misspelt_name_is_refused() {
        for what in [
            "chapter",
            "exercises 2_tasks",
            "route days",
            "schedule 200 shrt",
            "schedule day",
            "schedule 90",
            "mistakes days",
        ] {
            assert!(table(what, &packs()).is_err(), "{what}");
        }
    }

    #[test]
    fn a_schedule_adds_half_for_explanations_and_fits_the_class() {
        let schedule = table("schedule 155 short day", &packs()).unwrap();
        let expected = "| begins after | block | explain and discuss | exercises |\n\
                        |---:|---|---:|---:|\n\
                        | 0 min | short | 5 min | 5 min |\n\
                        | 10 min | day | 50 min | 95 min |\n\
                        | 2 h 35 min | end | | |\n";
        assert_eq!(schedule, expected);
        let why = table("schedule 154 short day", &packs()).unwrap_err().to_string();
        assert_eq!(why, "the blocks take 155 minutes, and the class has 154");
    }

    #[test]
    fn minutes_are_written_as_hours_and_minutes() {
        let texts = [0, 59, 60, 61, 115, 240].map(hours);
        assert_eq!(texts, ["0 min", "59 min", "1 h", "1 h 1 min", "1 h 55 min", "4 h"]);
    }
}
