//! The order, the minutes and the idea of every exercise, as tables for the README and the book.

use std::{fmt::Write, path::Path};

use anyhow::{Context, Result};

use crate::{
    answer::Wrong,
    pack::{Exercise, Kind, Pack, read},
};

/// What surrounds a table that is computed.
const BEGIN: &str = "<!-- computed: ";
const END: &str = "<!-- end -->";

/// Writes the tables into a page, between their marks.
pub(crate) fn write(page: &Path, packs: &[Pack]) -> Result<()> {
    let text = read(page)?;
    std::fs::write(page, filled(&text, packs)?)?;
    Ok(())
}

/// Whether the tables of a page are those of the packs.
pub(crate) fn is_current(page: &Path, packs: &[Pack]) -> Result<bool> {
    let text = read(page)?;
    Ok(filled(&text, packs)? == text)
}

/// The page with today's tables.
fn filled(page: &str, packs: &[Pack]) -> Result<String> {
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (what, after) =
            after.split_once(" -->").context("a mark that does not end")?;
        let (_, after) = after.split_once(END).context("a table that does not end")?;
        let table = table(what, packs)?;
        let _ = write!(text, "{before}{BEGIN}{what} -->\n{table}{END}");
        rest = after;
    }
    Ok(text + rest)
}

/// The table with this name.
fn table(what: &str, packs: &[Pack]) -> Result<String> {
    let all: Vec<_> = packs.iter().flat_map(|pack| &pack.exercises).collect();
    match what.split_once(' ') {
        None if what == "chapters" => Ok(chapters(&all)),
        Some(("exercises", dir)) => Ok(exercises(&of(&all, dir))),
        Some(("route", name)) => Ok(route(&all, name)),
        Some(("sum", names)) => {
            let sum = names.split(' ').map(|name| minutes(&on(&all, name))).sum();
            Ok(format!("{}\n", hours(sum)))
        }
        Some(("mistakes", name)) => mistakes(packs, name),
        _ => anyhow::bail!("there is no table {what:?}"),
    }
}

fn of<'a>(all: &[&'a Exercise], dir: &str) -> Vec<&'a Exercise> {
    all.iter().copied().filter(|exercise| exercise.dir == dir).collect()
}

fn on<'a>(all: &[&'a Exercise], route: &str) -> Vec<&'a Exercise> {
    all.iter().copied().filter(|it| it.routes.iter().any(|name| name == route)).collect()
}

fn minutes(exercises: &[&Exercise]) -> u32 {
    exercises.iter().map(|exercise| exercise.minutes).sum()
}

/// A row for each chapter, and their sum.
fn chapters(all: &[&Exercise]) -> String {
    let mut dirs: Vec<_> = all.iter().map(|exercise| exercise.dir.as_str()).collect();
    // In the order of the chapters, over both packs; the capstones last.
    dirs.sort();
    dirs.dedup();
    let mut text = "| chapter | exercises | minutes |\n|---|---:|---:|\n".to_owned();
    for dir in dirs {
        let exercises = of(all, dir);
        let _ = writeln!(
            text,
            "| {} | {} | {} |",
            dir.replace('_', " "),
            exercises.len(),
            minutes(&exercises)
        );
    }
    let _ = writeln!(text, "| all | {} | {} |", all.len(), minutes(all));
    text
}

/// A row for each exercise of a chapter.
fn exercises(exercises: &[&Exercise]) -> String {
    let mut text =
        "| exercise | section | minutes | level | what you do |\n|---|---|---:|---:|---|\n".to_owned();
    for exercise in exercises {
        let Exercise { name, section, minutes, level, about, .. } = exercise;
        let _ = writeln!(
            text,
            "| `{name}` | `{section}` | {minutes} | {level} | {}: {about} |",
            kind(exercise.kind)
        );
    }
    text
}

/// The exercises of a route in order, and their minutes.
fn route(all: &[&Exercise], name: &str) -> String {
    let route = on(all, name);
    let names: Vec<_> =
        route.iter().map(|exercise| format!("`{}`", exercise.name)).collect();
    format!("{}: {}\n", hours(minutes(&route)), names.join(" · "))
}

/// What the wrong answers to the exercises of a route do.
fn mistakes(packs: &[Pack], name: &str) -> Result<String> {
    let mut text = String::new();
    for pack in packs {
        let exercises: Vec<_> = pack.exercises.iter().collect();
        for exercise in on(&exercises, name) {
            for path in pack.answers("wrong", exercise)? {
                let answer = read(&path)?;
                let _ = writeln!(
                    text,
                    "- `{}`: {}",
                    exercise.name,
                    Wrong::of(&answer)?.mistake
                );
            }
        }
    }
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
