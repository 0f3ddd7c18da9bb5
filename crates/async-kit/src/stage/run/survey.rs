//! The knobs of a section are found before it runs, so that a wrong setting is refused early.
//!
//! A pure section is polled once, silently, up to its first await. A section in real time has a
//! separate function that asks for its knobs.

use super::{
    command_line::nearest::{hint, quoted},
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
    let knobs: Vec<_> = sections
        .iter()
        .flat_map(|section| {
            let knobs = survey(section, settings).knobs;
            knobs.into_iter().map(|knob| (section.name, knob))
        })
        .collect();
    check_values(&knobs)?;
    check_names(sections, settings, &knobs)
}

/// A knob and the section it belongs to: two sections may have a knob of the same name.
type SectionKnob = (&'static str, KnobInfo);

fn check_names(
    sections: &[&Section],
    settings: &Settings,
    knobs: &[SectionKnob],
) -> Result<(), String> {
    let mut names = settings.knobs.keys();
    match names.find(|name| knobs.iter().all(|(_, knob)| knob.name != **name)) {
        Some(name) => {
            let hint = hint(name, knobs.iter().map(|(_, knob)| knob.name.as_str()));
            let name = quoted(name);
            Err(format!("there is no knob {name}{hint}\n{}", listed(sections, knobs)))
        }
        None => Ok(()),
    }
}

fn check_values(knobs: &[SectionKnob]) -> Result<(), String> {
    let refused = knobs.iter().find_map(|knob| Some((knob, knob.1.refused.as_ref()?)));
    match refused {
        Some(((section, knob), why)) => {
            let name = &knob.name;
            let same: Vec<_> =
                knobs.iter().filter(|(_, other)| other.name == *name).cloned().collect();
            Err(format!("{name}: {why} ({section})\nknobs:\n{}", lines(&same)))
        }
        None => Ok(()),
    }
}

fn listed(sections: &[&Section], knobs: &[SectionKnob]) -> String {
    if knobs.is_empty() {
        let names: Vec<_> = sections.iter().map(|section| section.name).collect();
        let verb = if names.len() == 1 { "has" } else { "have" };
        return format!("{} {verb} no knobs", names.join(" "));
    }
    format!("knobs:\n{}", lines(knobs))
}

fn lines(knobs: &[SectionKnob]) -> String {
    let column = knobs.iter().map(|(section, _)| columns(section)).max().unwrap_or(0);
    let line = |(section, knob): &SectionKnob| {
        format!("  {}  {}", padded(section, column), shown(knob))
    };
    knobs.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// `permits=3 (1..=10)`
pub(super) fn shown(knob: &KnobInfo) -> String {
    format!("{}={} ({})", knob.name, knob.default, knob.range)
}
