//! What knobs a section has is known before it runs: a silent first poll tells, or a function of
//! their own.

use super::{
    chapter::{Chapter, Kind, Section},
    command_line::{Options, nearest::hint},
    engine,
    page::Page,
};
use crate::stage::{
    record::KnobInfo,
    render::columns::{columns, padded},
};

/// What `--list` prints for people.
pub(super) fn list(chapter: &Chapter, options: &Options<'_>, page: &Page) -> String {
    let names = options.sections.iter().map(|section| columns(section.name));
    let column = 6 + names.max().unwrap_or(0);
    let entries = options.sections.iter().map(|section| entry(section, page, column));
    page.entry("", chapter.name, 3 + columns(chapter.name), chapter.claim)
        + &entries.map(|entry| format!("\n{entry}")).collect::<String>()
}

fn entry(section: &Section, page: &Page, column: usize) -> String {
    let kind = if section.is_pure() { "" } else { " (real time only)" };
    let claim = format!("{}{kind}", section.claim);
    let knobs: Vec<_> = knobs(section, &[]).iter().map(shown).collect();
    page.entry("   ", section.name, column, &claim) + &page.aside("   ", column, &knobs)
}

/// What `--list --plain` prints: a tab-separated line for each section and each of its knobs.
pub(super) fn table(options: &Options<'_>) -> String {
    options.sections.iter().map(|section| row(section)).collect()
}

fn row(section: &Section) -> String {
    let kind = if section.is_pure() { "pure" } else { "real-time" };
    let mut text = format!("section\t{}\t{kind}\t{}\n", section.name, section.claim);
    for knob in knobs(section, &[]) {
        text += &format!("knob\t{}\t{}\t{}\n", knob.name, knob.default, knob.range);
    }
    text
}

/// Refuses a `--set` that no chosen section can use.
pub(super) fn check_settings(options: &Options<'_>) -> Result<(), String> {
    if options.settings.is_empty() {
        return Ok(());
    }
    let sections = options.sections.iter();
    let known: Vec<_> = sections
        .flat_map(|section| {
            knobs(section, &options.settings).into_iter().map(|k| (section.name, k))
        })
        .collect();
    check_values(&known)?;
    check_names(options, &known)
}

/// A knob and the section it belongs to: sections may share a name of a knob.
type Known = (&'static str, KnobInfo);

fn check_names(options: &Options<'_>, known: &[Known]) -> Result<(), String> {
    let mut names = options.settings.iter().map(|(name, _)| name);
    match names.find(|name| known.iter().all(|(_, knob)| knob.name != **name)) {
        Some(name) => {
            let hint = hint(name, known.iter().map(|(_, knob)| knob.name.as_str()));
            Err(format!("there is no knob {name:?}{hint}\n{}", listed(options, known)))
        }
        None => Ok(()),
    }
}

fn check_values(known: &[Known]) -> Result<(), String> {
    let refused = known.iter().find_map(|known| Some((known, known.1.refused.as_ref()?)));
    match refused {
        Some(((section, knob), why)) => {
            let name = &knob.name;
            let same: Vec<_> =
                known.iter().filter(|(_, other)| other.name == *name).cloned().collect();
            Err(format!("--set {name}: {why} ({section})\nknobs:\n{}", lines(&same)))
        }
        None => Ok(()),
    }
}

fn listed(options: &Options<'_>, known: &[Known]) -> String {
    if known.is_empty() {
        let names: Vec<_> = options.sections.iter().map(|section| section.name).collect();
        let have = if names.len() == 1 { "has" } else { "have" };
        return format!("{} {have} no knobs", names.join(" "));
    }
    format!("knobs:\n{}", lines(known))
}

fn lines(known: &[Known]) -> String {
    let column = known.iter().map(|(section, _)| columns(section)).max().unwrap_or(0);
    let line = |(section, knob): &Known| {
        format!("  {}  --set {}", padded(section, column), shown(knob))
    };
    known.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// `permits=3 (1..=10)`
fn shown(knob: &KnobInfo) -> String {
    format!("{}={} ({})", knob.name, knob.default, knob.range)
}

fn knobs(section: &Section, settings: &[(String, String)]) -> Vec<KnobInfo> {
    match &section.kind {
        Kind::Pure => engine::knobs(settings, &section.body),
        Kind::RealTime { knobs } => engine::asked_for(settings, knobs),
    }
}
