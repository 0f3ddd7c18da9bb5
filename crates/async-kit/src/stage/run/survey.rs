//! The knobs of a section are known before it runs, so a wrong setting is refused before anything
//! runs.
//!
//! A pure section is polled once, silently, up to its first await. A section in real time has a
//! function of its own that asks for its knobs.

use super::{
    command_line::nearest::hint,
    contents::{Kind, Section},
    engine,
};
use crate::stage::{
    record::{KnobInfo, Recording, Settings},
    render::columns::{columns, padded},
};

/// What a section declares before its first await: its knobs and its question.
pub(super) fn survey(section: &Section, settings: &Settings) -> Recording {
    match &section.kind {
        Kind::Pure => engine::first_poll(settings, &section.code.body),
        Kind::RealTime { knobs } => engine::record(settings, knobs),
    }
}

/// Refuses a `--set` that no chosen section can use.
pub(super) fn check_settings(
    sections: &[&Section],
    settings: &Settings,
) -> Result<(), String> {
    if settings.knobs.is_empty() {
        return Ok(());
    }
    let known: Vec<_> = sections
        .iter()
        .flat_map(|section| {
            let knobs = survey(section, settings).knobs;
            knobs.into_iter().map(|knob| (section.name, knob))
        })
        .collect();
    check_values(&known)?;
    check_names(sections, settings, &known)
}

/// A knob and the section it belongs to: two sections may have a knob of the same name.
type Known = (&'static str, KnobInfo);

fn check_names(
    sections: &[&Section],
    settings: &Settings,
    known: &[Known],
) -> Result<(), String> {
    let mut names = settings.knobs.keys();
    match names.find(|name| known.iter().all(|(_, knob)| knob.name != **name)) {
        Some(name) => {
            let hint = hint(name, known.iter().map(|(_, knob)| knob.name.as_str()));
            Err(format!("there is no knob {name:?}{hint}\n{}", listed(sections, known)))
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

fn listed(sections: &[&Section], known: &[Known]) -> String {
    if known.is_empty() {
        let names: Vec<_> = sections.iter().map(|section| section.name).collect();
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
pub(super) fn shown(knob: &KnobInfo) -> String {
    format!("{}={} ({})", knob.name, knob.default, knob.range)
}
