//! A section and its twin agree if they differ only in the asserted lines.

use std::{fmt::Write, panic::resume_unwind, path::Path, thread};

use super::{
    chapter::Chapter,
    differs::Differs,
    listing::Section,
    python::{self, Python},
    report::BothSides,
    setting::Setting,
    twin::Twin,
};

/// Runs both sides with every setting. Returns the number of compared runs, or a report.
pub(super) fn compare(
    chapter: &Chapter,
    python: &Python,
    folder: &Path,
    section: &Section,
) -> Result<usize, String> {
    let twin = Twin::open(folder, section)?;
    let differs = Differs::open(&twin)?;
    let run = |setting| run_both(chapter, python, &twin, section, setting);
    let runs = twin.settings.iter().map(run).collect::<Result<Vec<_>, _>>()?;
    let not_as_asserted =
        |sides: &&BothSides<'_>| sides.difference() != differs.expected(sides.setting);
    let wrong: Vec<_> = runs.iter().filter(not_as_asserted).collect();
    if let Some((first, others)) = wrong.split_first() {
        let problem = describe(first, &differs);
        let commands = command_lines(chapter, &twin, section, first.setting);
        let others: String =
            others.iter().map(|other| also_wrong(other.setting)).collect();
        let advice = advice(&twin, &differs, &runs);
        return Err(format!("{problem}{commands}{others}{advice}"));
    }
    Ok(runs.len())
}

/// The difference is explained for one setting; the other settings that fail are only named.
fn also_wrong(setting: &Setting) -> String {
    format!("{}: the difference is not as asserted either\n\n", with(setting))
}

fn command_lines(
    chapter: &Chapter,
    twin: &Twin,
    section: &Section,
    setting: &Setting,
) -> String {
    let rust = chapter.command_line(&section.name, setting);
    let python = python::command_line(twin, setting);
    format!(
        "To run each side alone, in the chapter's folder:\n    {rust}\n    {python}\n\n"
    )
}

fn run_both<'a>(
    chapter: &Chapter,
    python: &Python,
    twin: &Twin,
    section: &Section,
    setting: &'a Setting,
) -> Result<BothSides<'a>, String> {
    let with_setting = |why| format!("{}: {why}", with(setting));
    let (rust, python) = thread::scope(|sides| {
        let rust = sides.spawn(|| chapter.run(&section.name, setting));
        let python = python.run(twin, setting);
        (rust.join().unwrap_or_else(|panic| resume_unwind(panic)), python)
    });
    let (rust, python) = (rust.map_err(with_setting)?, python.map_err(with_setting)?);
    if rust.is_empty() {
        return Err(with_setting(
            "the section prints nothing, so nothing can be compared".into(),
        ));
    }
    Ok(BothSides { setting, python, rust })
}

/// Describes a difference that is not as asserted.
fn describe(sides: &BothSides<'_>, differs: &Differs) -> String {
    let actual = sides.difference();
    let expected = differs.expected(sides.setting);
    let what = if actual.is_empty() {
        "the asserted difference no longer occurs: delete its lines, or the file\n"
            .to_owned()
    } else if expected.is_empty() {
        format!("the two sides differ\n{}", sides.explained())
    } else {
        format!(
            "the two sides differ, but not as asserted\n{}",
            changed(expected, &actual)
        )
    };
    format!("{}: {what}\n", with(sides.setting))
}

/// The asserted lines that no longer occur, and the lines that are new.
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

/// The content of the `.differs` file that asserts this difference, ready to paste.
fn advice(twin: &Twin, differs: &Differs, runs: &[BothSides<'_>]) -> String {
    let mut blocks = String::new();
    for sides in runs {
        let lines = sides.difference();
        if !lines.is_empty() {
            let _ = write!(blocks, "{}{}\n\n", header(sides.setting), lines.join("\n"));
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
        "If the languages differ here on purpose, write these lines to {}\n\
         and replace the dots with the reason:\n\n{why}\n{}\n",
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
