//! A section and its twin agree when nothing differs but what is asserted.

use std::{fmt::Write, panic::resume_unwind, path::Path, thread};

use super::{
    chapter::Chapter,
    differs::Differs,
    listing::Section,
    python::{self, Python},
    report::Outcome,
    setting::Setting,
    twin::Twin,
};

/// Runs both sides with every setting; an error is a report to print.
pub(super) fn compare(
    chapter: &Chapter,
    python: &Python,
    folder: &Path,
    section: &Section,
) -> Result<usize, String> {
    let twin = Twin::open(folder, section)?;
    let differs = Differs::open(&twin)?;
    let run = |setting| run_both(chapter, python, &twin, section, setting);
    let outcomes = twin.settings.iter().map(run).collect::<Result<Vec<_>, _>>()?;
    let not_as_asserted = |outcome: &&Outcome<'_>| {
        outcome.difference() != differs.expected(outcome.setting)
    };
    let wrong: Vec<_> = outcomes.iter().filter(not_as_asserted).collect();
    if let Some((first, others)) = wrong.split_first() {
        let by_hand = by_hand(chapter, &twin, section, first.setting);
        let others: String = others.iter().map(|other| too(other.setting)).collect();
        let advice = advice(&twin, &differs, &outcomes);
        return Err(format!("{}{by_hand}{others}{advice}", judge(first, &differs)));
    }
    Ok(outcomes.len())
}

/// The same difference is explained once; with other settings it is only named.
fn too(setting: &Setting) -> String {
    format!("{}: not as asserted either\n\n", with(setting))
}

fn by_hand(
    chapter: &Chapter,
    twin: &Twin,
    section: &Section,
    setting: &Setting,
) -> String {
    let rust = chapter.by_hand(&section.name, setting);
    let python = python::by_hand(twin, setting);
    format!("Each side alone, from the chapter's folder:\n    {rust}\n    {python}\n\n")
}

fn run_both<'a>(
    chapter: &Chapter,
    python: &Python,
    twin: &Twin,
    section: &Section,
    setting: &'a Setting,
) -> Result<Outcome<'a>, String> {
    let blame = |why| format!("{}: {why}", with(setting));
    let (rust, python) = thread::scope(|sides| {
        let rust = sides.spawn(|| chapter.run(&section.name, setting));
        let python = python.run(twin, setting);
        (rust.join().unwrap_or_else(|panic| resume_unwind(panic)), python)
    });
    let (rust, python) = (rust.map_err(blame)?, python.map_err(blame)?);
    if rust.is_empty() {
        return Err(blame(
            "the section prints nothing, so nothing can be compared".into(),
        ));
    }
    Ok(Outcome { setting, python, rust })
}

/// What is wrong with an outcome that is not as asserted.
fn judge(outcome: &Outcome<'_>, differs: &Differs) -> String {
    let actual = outcome.difference();
    let expected = differs.expected(outcome.setting);
    let what = if actual.is_empty() {
        "the difference is gone: delete its lines, or the file\n".to_owned()
    } else if expected.is_empty() {
        format!("the two sides differ\n{}", outcome.explained())
    } else {
        format!("they differ, but not as asserted\n{}", changed(expected, &actual))
    };
    format!("{}: {what}\n", with(outcome.setting))
}

/// Which asserted lines are missing and which are new.
fn changed(expected: &[String], actual: &[String]) -> String {
    let mut text = String::new();
    for line in expected.iter().filter(|line| !actual.contains(line)) {
        let _ = writeln!(text, "    no longer  {line}");
    }
    for line in actual.iter().filter(|line| !expected.contains(line)) {
        let _ = writeln!(text, "    new        {line}");
    }
    if text.is_empty() { "    the same lines in another order\n".into() } else { text }
}

/// What to write if the difference is meant: the whole file, ready to paste.
fn advice(twin: &Twin, differs: &Differs, outcomes: &[Outcome<'_>]) -> String {
    let mut blocks = String::new();
    for outcome in outcomes {
        let lines = outcome.difference();
        if !lines.is_empty() {
            let _ = write!(blocks, "{}{}\n\n", header(outcome.setting), lines.join("\n"));
        }
    }
    if blocks.is_empty() {
        return String::new();
    }
    let why = match differs.why.is_empty() {
        true => "# why …".to_owned(),
        false => differs.why.join("\n"),
    };
    let path = twin.differs();
    format!(
        "If the languages differ here on purpose, {} asserts it with these lines,\n\
         the reason in place of the dots:\n\n{why}\n{}\n",
        path.display(),
        blocks.trim_end()
    )
}

fn header(setting: &Setting) -> String {
    if setting.0.is_empty() { String::new() } else { format!("[{setting}]\n") }
}

fn with(setting: &Setting) -> String {
    if setting.0.is_empty() {
        "with the defaults".into()
    } else {
        format!("with {setting}")
    }
}
