//! A listing names every section with its knobs, for people or for programs.

use super::{
    command_line::Options,
    contents::{Contents, Section},
    page::Page,
    sources::Sources,
    survey::{shown, survey},
};
use crate::stage::{record::Settings, render::columns::columns};

/// What `--list` prints for people.
pub(super) fn list(contents: &Contents, sections: &[&Section], page: &Page) -> String {
    let names = sections.iter().map(|section| columns(section.name));
    let column = 6 + names.max().unwrap_or(0);
    let entries = sections.iter().map(|section| entry(section, page, column));
    page.entry("", contents.name, 3 + columns(contents.name), contents.claim)
        + &entries.map(|entry| format!("\n{entry}")).collect::<String>()
}

fn entry(section: &Section, page: &Page, column: usize) -> String {
    let kind = if section.is_pure() { "" } else { " (real time only)" };
    let claim = format!("{}{kind}", section.claim);
    let knobs = survey(section, &Settings::default()).knobs;
    let knobs: Vec<_> = knobs.iter().map(shown).collect();
    page.entry("   ", section.name, column, &claim) + &page.aside("   ", column, &knobs)
}

/// What `--list --plain` prints: a tab-separated line for each section, for its source file, for
/// each of its knobs and for its question.
pub(super) fn table(contents: &Contents, options: &Options<'_>) -> String {
    let sources = Sources::of(contents);
    options.sections.iter().map(|section| row(section, sources.as_ref())).collect()
}

fn row(section: &Section, sources: Option<&Sources>) -> String {
    let kind = if section.is_pure() { "pure" } else { "real-time" };
    let mut text = format!("section\t{}\t{kind}\t{}\n", section.name, section.claim);
    if let Some(code) = sources.and_then(|sources| sources.code(section)) {
        text += &format!("code\t{}\n", code.display());
    }
    let found = survey(section, &Settings::default());
    for knob in found.knobs {
        text += &format!("knob\t{}\t{}\t{}\n", knob.name, knob.default, knob.range);
    }
    if let Some(question) = found.question {
        text += &format!("question\t{}\t{}\n", question.setting, question.text);
    }
    text
}
